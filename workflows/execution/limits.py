"""What a run may use, and how people write it: on the command line, and in the environment of a server."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workflows.errors import HelixError

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

NAMES = ("memory", "time", "cpu", "processes", "disk", "log")
"""The names of limits, as people write them: ``--memory`` of the command line, HELIX_LIMIT_MEMORY of a server."""


class LimitRefused(HelixError):
    """A limit was given that is none."""

    code = "limit-refused"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use, with all processes that it starts; None is no limit.

    ``memory`` in bytes (nine tenths of the machine's unless said), beyond what the engine itself takes; processor and
    wall time in seconds; how many ``processes`` it may start; bytes of ``disk`` for its own files, and as many again
    for the results that are kept; characters of ``log`` that it may print.
    """

    memory: int | None = field(default_factory=lambda: machine_memory() * 9 // 10)
    cpu_seconds: float | None = None
    wall_seconds: float | None = None
    processes: int = 256
    disk: int = 20 * 10**9
    log: int = 10 * 10**6


def parsed(words: Mapping[str, str]) -> Limits:
    """Limits of what people wrote, by NAMES; what is not given is as it is by itself. Raises LimitRefused."""
    given: dict[str, int | float] = {}
    for name, word in words.items():
        match name:
            case "memory" | "disk" | "log":
                given[name] = _size(name, word)
            case "processes":
                given[name] = int(_number(name, word))
            case "time":
                given["wall_seconds"] = _number(name, word)
            case _:
                given["cpu_seconds"] = _number(name, word)
    return Limits(**given)  # type: ignore[arg-type]


def raising(name: str) -> str:
    """How a limit is changed: the end of a message that says that it was reached."""
    return f"`--{name}` of `helixweb run` changes that limit, and HELIX_LIMIT_{name.upper()} that of a server."


def in_words(size: float) -> str:
    """A number of bytes as people read it."""
    for unit, bytes_ in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_:
            return f"{size / bytes_:.3g} {unit}"
    return f"{size:.0f} bytes"


def machine_memory() -> int:
    """Bytes of memory there are, or that the control group of this process may use."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):  # no control group, or one without a limit ("max")
        return total


def bytes_in(word: str) -> int:
    """The number of bytes that people write as 500MB or 1.5GB; 0 where it is none."""
    match = _SIZE.fullmatch(word.strip())
    return int(float(match[1]) * _UNITS[(match[2] or "").lower()]) if match else 0


def _size(name: str, word: str) -> int:
    size = bytes_in(word)
    if size <= 0:
        raise LimitRefused(f"The limit `{name}` is a number of bytes above zero, as 500MB or 1.5GB, not {word!r}.")
    return size


def _number(name: str, word: str) -> float:
    number = float(word) if _NUMBER.fullmatch(word.strip()) else 0.0
    if number <= 0 or (name == "processes" and number != int(number)):
        what = "a whole number" if name == "processes" else "a number of seconds"
        raise LimitRefused(f"The limit `{name}` is {what} above zero, not {word!r}.")
    return number
