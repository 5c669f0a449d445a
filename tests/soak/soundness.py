"""Sessions of edits: after each, a run that reuses all it may gives bit for bit what a run without any reuse gives.

A session is one case: a workflow, a store that lives through it, and edits of the text, the data, the modules of lib/,
the policy and what the store holds. What is compared: how the run and each node ended, the outputs, and the digest of
every artifact that both stores hold (of a model: of its state).
"""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.soak.edits import KINDS, edited
from tests.soak.samples import SAMPLES, Sample
from tests.soak.suite import Case, Suite, Tried, Wrong, chance_of
from tests.workflows.execution.lab import Lab, Outcome
from workflows.compiler import compile_workflow
from workflows.execution.warmserver import WarmServer
from workflows.hashing import Signature
from workflows.optimizer.materialize import POLICIES
from workflows.ports import ArtifactMissing

EDITS = 25  # of a session
_TRIES = 20  # how many texts that do not compile are thrown away before one is given up
_FAILING_AT_MOST = 2  # runs that fail in a row; then the text goes back to the last that succeeded
_SHRINKS = 12  # how many shorter sessions are tried for one that fails
TOOLS = "FACTOR = {factor}\n\n\ndef shade(value):\n    return (value or 0) * FACTOR\n"
ELSEWHERE = ("data", "data", "lib", "revert", "revert", "lose", "nothing")  # edits of what is not the text


@dataclass
class Session:
    """A workflow in the middle of a session."""

    sample: Sample
    folder: Path
    warm: WarmServer
    text: str = ""
    texts: list[str] = field(default_factory=list)  # those that succeeded
    failed: int = 0  # runs in a row
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "lib").mkdir()
        (self.folder / "lib" / "tools.py").write_text(TOOLS.format(factor=1))
        self.sample.make(self.folder / "data")
        self.text = self.sample.text
        self.lab = Lab(self.folder / "store", self.folder / "data", self.warm)

    def step(self, chance: random.Random) -> str:
        """Edits something. Returns what."""
        if self.failed >= _FAILING_AT_MOST and self.texts:
            self.failed = 0
            self.text = self.texts[-1]
            return "back to what worked"
        kind = chance.choice(ELSEWHERE) if chance.random() < 0.25 else chance.choice(KINDS)
        match kind:
            case "data" if self.sample.files:
                return self._edit_data(chance)
            case "lib":
                factor = chance.choice((1, 2, 2.5, 3))
                (self.folder / "lib" / "tools.py").write_text(TOOLS.format(factor=factor))
                return f"lib: FACTOR = {factor}"
            case "revert" if self.texts:
                place = chance.randrange(len(self.texts))
                self.text = self.texts[place]
                return f"text {place} again"
            case "data" | "revert" | "lose" | "nothing":
                return "nothing"
        return self._edit_text(kind, chance)

    def _edit_text(self, kind: str, chance: random.Random) -> str:
        for _ in range(_TRIES):
            text = edited(self.text, kind, chance, self.sample.pool)
            if text is not None and compile_workflow(text, lib=self.folder / "lib").dag is not None:
                self.text = text
                return kind
        return f"no {kind}"

    def _edit_data(self, chance: random.Random) -> str:
        path = self.folder / "data" / chance.choice(self.sample.files)
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

    def compare(self, chance: random.Random) -> None:
        """Runs with reuse and without. Raises AssertionError where they differ."""
        lib = self.folder / "lib"
        policy = chance.choice(("all", *POLICIES))
        names = sorted(compile_workflow(self.text, lib=lib).dag.nodes)  # type: ignore[union-attr]
        force = [chance.choice(names)] if chance.random() < 0.1 else []
        self.log[-1] += f" (policy {policy}{f', forced {force[0]}' if force else ''})"
        fresh = Lab(self.folder / "fresh", self.lab.data, self.warm)
        try:
            reusing = self.lab.run(self.text, policy=policy, force=force, lib=lib)
            without = fresh.run(self.text, policy="all", reuse=False, lib=lib)
            found, expected = ended(reusing), ended(without)
            assert found == expected, f"with reuse:\n{found}\nwithout:\n{expected}"
            kept, computed = digests(self.lab, reusing), digests(fresh, without)
            differing = sorted(name for name in kept if name in computed and kept[name] != computed[name])
            assert not differing, f"the results differ of {', '.join(differing)}"
        finally:
            fresh.store.close()
            shutil.rmtree(fresh.root)
        if reusing.result.status == "succeeded":
            self.failed = 0
            self.texts.append(self.text)
        else:
            self.failed += 1
        if chance.random() < 0.5:
            self._lose_some(reusing, chance)

    def _lose_some(self, outcome: Outcome, chance: random.Random) -> None:
        """Results that were evicted, and others whose file was deleted behind the store's back."""
        for signature in stored(self.lab, outcome):
            path = self.lab.store.open(signature).path
            if chance.random() < 0.8:
                continue
            if path is not None and chance.random() < 0.5:
                path.unlink()
            else:
                self.lab.store.catalog.forget(signature)

    def close(self) -> None:
        self.lab.store.close()
        shutil.rmtree(self.folder)


def ended(outcome: Outcome) -> str:
    """How a run ended, in words that are equal where all is: NaN is NaN, and 0.0 is not -0.0.

    Of a node that failed it is told where and with which error: in which of its splits it was met first is chance.
    """
    result = outcome.result
    failures = {name: (why.code, why.message.split(":")[0], why.line) for name, why in outcome.failures.items()}
    return json.dumps([result.status, result.outputs, failures], indent=1, sort_keys=True)


def stored(lab: Lab, outcome: Outcome) -> Iterator[Signature]:
    """What the store still holds of a run's parts: a file that was lost takes all parts of equal bytes with it."""
    wanted = {signature for signature in outcome.prepared.signatures.values() if signature is not None}
    for signature, record in sorted(lab.store.catalog.records(wanted).items()):
        with suppress(ArtifactMissing):
            if record.stored and lab.store.open(signature):
                yield signature


def digests(lab: Lab, outcome: Outcome) -> dict[str, str]:
    """By part, the digest of what the store holds of it."""
    there = set(stored(lab, outcome))
    return {
        f"{part}": _digest(lab, signature)
        for part, signature in outcome.prepared.signatures.items()
        if signature in there and signature is not None
    }


def _digest(lab: Lab, signature: Signature) -> str:
    artifact = lab.store.open(signature)
    if artifact.codec != "model":
        return artifact.digest
    content: Any = artifact.inline if artifact.path is None else artifact.path.read_bytes()
    length = int.from_bytes(content[8:16], "little")
    return f"state {json.loads(content[16 : 16 + length])['state']}"


def play(sample: Sample, folder: Path, warm: WarmServer, seed: int, number: int, steps: list[int]) -> Session:
    """A session of some of its steps. Raises Wrong, with what was done, where reuse changes anything."""
    session = Session(sample, folder, warm)
    try:
        for step in steps:
            chance = chance_of(seed, number, step)
            before = session.text
            session.log.append("the example" if step == 0 else session.step(chance))
            try:
                session.compare(chance)
            except Exception as error:
                told = "\n".join(f"{done}. {what}" for done, what in zip(steps, session.log, strict=False))
                raise Wrong(
                    f"{type(error).__name__}: {error}", f"{told}\n--- before\n{before}\n--- after\n{session.text}"
                ) from error
    finally:
        session.close()
    return session


def shrunk(
    sample: Sample, folder: Path, warm: WarmServer, seed: int, number: int, wrong: Wrong, steps: list[int]
) -> Wrong:
    """The same with fewer steps, where fewer show it as well."""
    tries, size = 0, len(steps) // 2
    while size and tries < _SHRINKS:
        place = 1
        while place < len(steps) - 1 and tries < _SHRINKS:
            tries += 1
            fewer = steps[:place] + steps[place + size :]
            try:
                play(sample, folder, warm, seed, number, fewer)
                place += size
            except Wrong as again:
                steps, wrong = fewer, again
        size //= 2
    return wrong


def _suite(sample: Sample) -> Suite:
    @contextmanager
    def opened(folder: Path, seed: int) -> Iterator[Case]:
        with WarmServer() as warm:

            def case(number: int) -> Tried:
                steps = list(range(EDITS + 1))
                try:
                    play(sample, folder / "session", warm, seed, number, steps)
                except Wrong as wrong:
                    raise shrunk(sample, folder / "session", warm, seed, number, wrong, steps) from None
                return Tried(EDITS)

            yield case

    return Suite(
        f"edits-{sample.name}",
        f"After any edit of {sample.name}, its data, lib/ or store, a run with reuse is one without, bit for bit.",
        "edits",
        2,
        20,
        opened,
    )


SUITES = tuple(_suite(sample) for sample in SAMPLES)
