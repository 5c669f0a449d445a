"""Django's settings for a test session: a var folder of its own, and a database in a file, or the one that is named.

``python -m tests.postgres python -m pytest …`` names a database of a PostgreSQL server of the session's own.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
from pathlib import Path

_home = Path(tempfile.mkdtemp(prefix="helix-"))
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["HELIX_HOME"] = str(_home / "var")

from helixweb.settings import *  # noqa: E402, F403
from helixweb.settings import DATABASES, HOME, POSTGRES  # noqa: E402

logging.getLogger("httpx").setLevel(logging.WARNING)
if POSTGRES is None:
    DATABASES["default"]["TEST"] = {"NAME": HOME / "test.sqlite3"}
