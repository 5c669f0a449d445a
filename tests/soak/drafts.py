"""A workflow that is edited: its text, its data and the modules of lib/, changed at random."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak.edits import KINDS, edited
from tests.soak.samples import Sample
from workflows.compiler import compile_workflow

_TRIES = 20  # how many texts that do not compile are thrown away before one is given up
_FAILING_AT_MOST = 2  # runs that fail in a row; then the text goes back to the last that succeeded
TOOLS = "FACTOR = {factor}\n\n\ndef shade(value):\n    return (value or 0) * FACTOR\n"
ELSEWHERE = (
    "data",
    "data",
    "data",
    "data",
    "lib",
    "revert",
    "revert",
    "lose",
    "nothing",
)  # edits of what is not the text


@dataclass
class Draft:
    """Begins as the sample is, in a folder that is made anew."""

    sample: Sample
    folder: Path
    text: str = ""
    texts: list[str] = field(default_factory=list)  # those whose runs succeeded
    failed: int = 0  # runs in a row

    def __post_init__(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.data.mkdir(parents=True)
        self.lib.mkdir()
        (self.lib / "tools.py").write_text(TOOLS.format(factor=1))
        self.sample.make(self.data)
        self.text = self.sample.text

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def lib(self) -> Path:
        return self.folder / "lib"

    def ran(self, status: str) -> None:
        """A run of it ended so."""
        if status == "succeeded":
            self.failed = 0
            self.texts.append(self.text)
        else:
            self.failed += 1

    def edit(self, chance: random.Random) -> str:
        """Edits something. Returns what."""
        if self.failed >= _FAILING_AT_MOST and self.texts:
            self.failed = 0
            self.text = self.texts[-1]
            return "back to what worked"
        kind = chance.choice(ELSEWHERE) if chance.random() < 0.3 else chance.choice(KINDS)
        match kind:
            case "data" if self.sample.files:
                return self._edit_data(chance)
            case "lib":
                factor = chance.choice((1, 2, 2.5, 3))
                (self.lib / "tools.py").write_text(TOOLS.format(factor=factor))
                return f"lib: FACTOR = {factor}"
            case "revert" if self.texts:
                place = chance.randrange(len(self.texts))
                self.text = self.texts[place]
                return f"text {place} again"
            case "data" | "revert" | "lose" | "nothing":
                return "nothing"
        return self.edit_text(kind, chance)

    def edit_text(self, kind: str, chance: random.Random) -> str:
        for _ in range(_TRIES):
            text = edited(self.text, kind, chance, self.sample.pool)
            if text is not None and compile_workflow(text, lib=self.lib).dag is not None:
                self.text = text
                return kind
        return f"no {kind}"

    def _edit_data(self, chance: random.Random) -> str:
        path = self.data / chance.choice(self.sample.files)
        status, packed = path.stat(), path.suffix == ".gz"
        content = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
        lines = content.splitlines(keepends=True)
        one, two = (chance.randrange(1, len(lines)) for _ in range(2))
        match chance.randrange(4):
            case 0:
                what = "a row more"
                lines.append(lines[one])
            case 1:
                what = "a row less"
                del lines[one]
            case 2:
                what = "two rows exchanged, time kept"
                lines[one], lines[two] = lines[two], lines[one]
            case _:
                what = "written again as it was"
        path.write_bytes(gzip.compress(b"".join(lines), 1, mtime=0) if packed else b"".join(lines))
        if "time kept" in what:
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return f"{path.name}: {what}"
