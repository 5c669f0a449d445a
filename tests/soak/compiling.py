"""The compiler's fuzzer: written and mutated texts, each compiled, planned and answered as the editor would have it.

What is bounded is the processor time of the compiling thread, for a text never seen before: a busy machine makes no
text slow. A text that unrolls to more nodes than ``NODES`` may take longer in proportion (1.2 s for 10,000). What is
told of a text that fails is the least of it that still fails so.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import django

from tests.soak.grammar import Writer
from tests.soak.mutation import mutated
from tests.soak.suite import Case, Suite, Tried, Wrong, chance_of
from tests.workflows.compiler.total import hold
from tests.workflows.texts import BASE, EXAMPLES
from workflows.compiler import Compiled, compile_workflow
from workflows.execution.planning import prepare
from workflows.lang import units
from workflows.operators.registry import OPERATORS
from workflows.recall import forget
from workflows.store.filesystem import FileStore

LONGEST = 0.3  # seconds of processor time
NODES = 2_500
SECONDS_A_NODE = LONGEST / NODES
_AGAIN = 3  # how often a text that took too long is compiled anew: crowded caches make even processor time longer
_SHRINKS = 400  # how many smaller texts are tried for one that fails
_COMPILER_TESTS = Path(__file__).resolve().parent.parent / "workflows" / "compiler"


@cache
def corpus() -> tuple[str, ...]:
    """Texts to mutate: the examples, and what the tests of the compiler try."""
    from tests.workflows.compiler.test_edits import RICH
    from tests.workflows.compiler.test_total import HOSTILE

    false_hits = (_COMPILER_TESTS / "false_hits.txt").read_text().split("=== ")[1:]
    codes = [re.sub("^[+ -] ", "", part.split("\n", 1)[1].split("--- ")[0], flags=re.M) for part in false_hits]
    examples = [path.read_text() for path in sorted(EXAMPLES.glob("*.py"))]
    return (
        *(examples * 8),
        *(RICH, BASE),
        *(f"{BASE}{code}\nx = Map(rows, f)\nOutput(x)\n" for code in codes),
        *(text for text in HOSTILE.values() if len(text) < 2_000),
        *(f"{BASE}{operator.example}\n" for operator in OPERATORS.values()),
    )


def text_of(seed: int, number: int) -> str:
    """The text of a case."""
    chance = chance_of(seed, number)
    text = Writer(chance).text() if number % 2 else chance.choice(corpus())
    return text if number % 4 == 1 else mutated(text, chance, corpus())


def timed(text: str) -> tuple[Compiled, float]:
    """The text compiled, nothing of it remembered from before, and the seconds of processor time that this took."""
    forget()
    for remembered in (units._form, units._reach):
        remembered.cache_clear()
    began = time.thread_time()
    compiled = compile_workflow(text)
    return compiled, time.thread_time() - began


class Compiling:
    """Tries texts over one store."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        django.setup()
        self.folder = folder
        self.store = FileStore(folder / "store")

    def try_text(self, text: str) -> float:
        """Compiles a text, holds what must hold, and answers as the API does. Returns the seconds of processor time."""
        from workflows.schemas import check_out  # which wants Django set up

        compiled, seconds = timed(text)
        hold(compiled)
        bound = max(LONGEST, SECONDS_A_NODE * len(compiled.dag.nodes if compiled.dag is not None else ()))
        if seconds > bound:
            seconds = min(seconds, *(timed(text)[1] for _ in range(_AGAIN)))
        assert seconds <= bound, f"compiling took {seconds:.3f} s"
        prepared = prepare(text, store=self.store, data_root=self.folder, workflow="soak", hash_files=False)
        assert (prepared.plan is None) == (compiled.dag is None)
        answer = check_out(prepared).model_dump(mode="json")
        json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
        return seconds

    def failure(self, text: str) -> Exception | None:
        try:
            self.try_text(text)
        except Exception as error:  # noqa: BLE001  the property is that there is none
            return error
        return None

    def case(self, seed: int, number: int) -> Tried:
        text = text_of(seed, number)
        try:
            return Tried(1, self.try_text(text))
        except Exception as error:
            kind = _kind(error)
            least = shrunk(text, lambda smaller: (found := self.failure(smaller)) is not None and _kind(found) == kind)
            raise Wrong(f"{kind}: {error}"[:500], ascii(least)) from error


def _kind(error: Exception) -> str:
    """What a failure is known by: its class, and where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    return f"{type(error).__name__}{where}"


def shrunk(text: str, fails: Callable[[str], bool]) -> str:
    """A smaller text that fails as well: pieces are left out, lines first, then characters, by halves."""
    tries = 0
    for unit in (re.compile(r"[^\n]*\n?"), re.compile(r".", re.S)):
        pieces = [piece for piece in unit.findall(text) if piece]
        size = max(len(pieces) // 2, 1)
        while pieces and tries < _SHRINKS:
            place, before = 0, len(pieces)
            while place < len(pieces) and tries < _SHRINKS:
                tries += 1
                rest = pieces[:place] + pieces[place + size :]
                if fails("".join(rest)):
                    pieces = rest
                else:
                    place += size
            if size == 1 and len(pieces) == before:
                break
            size = max(size // 2, 1)
        text = "".join(pieces)
        tries = tries // 2
    return text


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Case]:
    compiling = Compiling(folder)
    yield lambda number: compiling.case(seed, number)
    compiling.store.close()


SUITE = Suite(
    "compiler",
    f"A text compiles or says why not, within {LONGEST:g} s of processor time "
    f"({SECONDS_A_NODE * 1000:.2f} ms a node beyond {NODES:,} nodes); what compiles is signed and planned; the answer "
    "is JSON.",
    "texts",
    1_500,
    100_000,
    opened,
)
