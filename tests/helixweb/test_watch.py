from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from helixweb import watch as watching
from helixweb.watch import Beat, watch


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "EVERY", 0.02)


def hangs_found(answers: Sequence[bool | Exception | None]) -> int:
    """How often a child is found to hang that answers so, one look after the other; None stands for no answer."""
    given = iter(answers)
    found: list[float] = []

    async def answer() -> bool:
        said = next(given)
        if said is None:
            await asyncio.sleep(60)
        if isinstance(said, Exception):
            raise said
        return bool(said)

    async def look() -> None:
        with pytest.raises((StopIteration, RuntimeError)):
            await watch(answer, found.append, 0.05)

    asyncio.run(look())
    return len(found)


def test_a_child_that_answers_is_left_alone() -> None:
    assert hangs_found([True] * 20) == 0


@pytest.mark.parametrize("silence", [False, ConnectionRefusedError(), None])
def test_a_child_that_gives_no_sign_of_life_is_found_to_hang(silence: bool | Exception | None) -> None:
    assert hangs_found([True, *[silence] * 12, True]) >= 1


def test_a_worker_beats_while_its_file_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "beat"
    beat = Beat(path)

    def beats() -> bool:
        return asyncio.run(beat.beats())

    assert beats()  # it does not work yet
    path.touch()
    assert beats()
    assert not beats()
    path.touch()
    assert beats()
    beat.forget()
    assert beats()
