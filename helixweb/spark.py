"""Spark on this machine: where its server lies, and its packages, installed when first wanted. No Django here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Final

from helixweb import places
from workflows.execution.sandbox import Isolation
from workflows.execution.spark.server import NoSpark, SparkServer, installed

REMOTE: Final = "HELIX_SPARK_REMOTE"
CORES: Final = "HELIX_SPARK_CORES"
BLOCKS: Final = "HELIX_SPARK_FOLDER"
REQUIREMENTS: Final = places.PROJECT / "requirements" / "spark.txt"
_INSTALL_SECONDS: Final = 900.0
_LONGEST: Final = 600  # characters of what the installer said


def server(isolation: Isolation, say: Callable[[str], None]) -> SparkServer:
    """The Spark server of runs: that which HELIX_SPARK_REMOTE names, else one of one's own; nothing is started yet.

    ``say`` is told what takes long.
    """
    folder = os.environ.get(BLOCKS)
    return SparkServer(
        places.home() / "spark" if not folder else places.home().joinpath(folder).resolve(),
        remote=os.environ.get(REMOTE),
        cores=_cores(),
        isolation=isolation,
        install=lambda: install(say),
        say=say,
    )


def available() -> bool:
    """Whether runs may be computed on Spark without installing anything: what ``auto`` goes by."""
    return bool(os.environ.get(REMOTE)) or installed()


def install(say: Callable[[str], None], into: str = sys.executable) -> None:
    """Install the packages of Spark into the environment of a Python: this one. Raises NoSpark."""
    by_hand = f"Install them by hand: uv pip install --require-hashes -r {REQUIREMENTS}"
    if not REQUIREMENTS.exists():
        raise NoSpark("Spark's packages are not installed, nor is the list of them here. Install `pyspark[connect]`.")
    say("Spark is wanted for the first time: its packages are installed (600 MB on disk; this takes a minute or two)")
    command = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", into)
    environment = {name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}
    try:
        done = subprocess.run(
            [*command, "--require-hashes", "-r", str(REQUIREMENTS)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoSpark(f"Spark's packages could not be installed: {error}. {by_hand}") from None
    if done.returncode:
        said = " ".join(done.stderr.split())[:_LONGEST]
        raise NoSpark(f"Spark's packages could not be installed; is there a network? {said} {by_hand}")


def _cores() -> int | None:
    word = os.environ.get(CORES)
    if not word:
        return None
    if not word.isdecimal() or not int(word):
        raise NoSpark(f"{CORES} is how many tasks Spark runs at once, a whole number above zero, not {word!r}.")
    return int(word)
