"""Runs a command that dies with its parent: ``python leash.py PARENT_PID COMMAND ARGUMENTS…``.

A supervisor that is killed outright cannot take its children along; the kernel can, if each child asks for it before it
becomes what it is to be. A program of its own, since a function between fork and exec may deadlock.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h; it survives exec

if __name__ == "__main__":
    parent, command = int(sys.argv[1]), sys.argv[2:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we had asked
        sys.exit(1)
    os.execvp(command[0], command)
