"""What runs may use and see of this machine: HELIX_LIMIT_… and HELIX_SANDBOX, from the environment. No Django here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from helixweb import places
from workflows.errors import HelixError, nearest
from workflows.execution.limits import NAMES, Limits, parsed
from workflows.execution.sandbox import MODES, Isolation


class SandboxRefused(HelixError):
    """HELIX_SANDBOX is none of the words that it may be."""

    code = "sandbox-refused"

    def __init__(self, word: str) -> None:
        near = nearest(word, MODES)
        hint = f" Did you mean {near}?" if near else ""
        super().__init__(f"HELIX_SANDBOX is {', '.join(MODES[:-1])} or {MODES[-1]}, not {word!r}.{hint}")


def limits(given: Mapping[str, str | None] | None = None) -> Limits:
    """The limits of a run: what is given, else HELIX_LIMIT_MEMORY and so on. Raises LimitRefused."""
    environment = {name: os.environ.get(f"HELIX_LIMIT_{name.upper()}") for name in NAMES}
    given = {name: word for name, word in (given or {}).items() if word is not None}
    return parsed({name: word for name, word in {**environment, **given}.items() if word})


def isolation() -> Isolation:
    """HELIX_SANDBOX, and the folders of HELIX_READ; runs are not shown what HelixWeb keeps. Raises SandboxRefused."""
    word = os.environ.get("HELIX_SANDBOX") or "auto"
    mode = next((mode for mode in MODES if mode == word), None)
    if mode is None:
        raise SandboxRefused(word)
    read = tuple(Path(folder).resolve() for folder in os.environ.get("HELIX_READ", "").split(os.pathsep) if folder)
    return Isolation(mode, read, (places.home(), places.store_root()))
