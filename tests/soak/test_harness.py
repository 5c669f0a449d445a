"""Cases are tried once each, in order, over stops; what is wrong is kept; other code begins anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.soak.compiling import shrunk, text_of
from tests.soak.harness import MOST_FAILURES, State, hold, report, try_cases
from tests.soak.suite import Case, Suite, Tried, Wrong


def numbered(tried: list[int], wrong: frozenset[int] = frozenset()) -> Case:
    def case(number: int) -> Tried:
        tried.append(number)
        if number in wrong:
            raise Wrong(f"{number} is wrong", "the least input")
        return Tried(2, number / 1000)

    return case


def suite_of(case: Case) -> Suite:
    @contextmanager
    def opened(_folder: Path, _seed: int) -> Iterator[Case]:
        yield case

    return Suite("numbers", "Numbers hold.", "numbers", 10, 100, opened)


def test_a_suite_goes_on_where_it_stopped(tmp_path: Path) -> None:
    tried: list[int] = []
    path = tmp_path / "state.json"
    try_cases(numbered(tried), State.read(path, 1, "a"), 4, path=path)
    try_cases(numbered(tried), State.read(path, 1, "a"), 7, path=path)
    assert tried == list(range(7))
    state = State.read(path, 1, "a")
    assert (state.next, state.counted, state.slowest_case, state.slowest_seconds) == (7, 14, 6, 0.006)


@pytest.mark.parametrize(("seed", "code"), [(2, "a"), (1, "b")])
def test_another_seed_or_other_code_begins_anew(tmp_path: Path, seed: int, code: str) -> None:
    path = tmp_path / "state.json"
    try_cases(numbered([]), State.read(path, 1, "a"), 4, path=path)
    assert State.read(path, seed, code).next == 0


def test_no_time_means_no_case(tmp_path: Path) -> None:
    tried: list[int] = []
    try_cases(numbered(tried), State(1, "a"), 4, seconds=0.0, path=tmp_path / "state.json")
    assert tried == []


def test_failures_are_reported_and_too_many_end_it(tmp_path: Path) -> None:
    state = State(1, "a")
    case = numbered([], frozenset(range(1, 50)))
    try_cases(case, state, 50)
    assert [failure.case for failure in state.failures] == list(range(1, MOST_FAILURES + 1))
    report(suite_of(case), state, tmp_path, 50)
    found = json.loads((tmp_path / "soak-numbers.json").read_text())
    assert (found["cases"], found["of"], found["numbers"], found["seed"]) == (MOST_FAILURES + 1, 50, 2, 1)
    assert found["failures"][0] == {"case": 1, "message": "Wrong: 1 is wrong", "reproduction": "the least input"}


def test_a_slice_that_fails_says_how_to_see_it_again(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"python -m tests\.soak numbers --seed 3 --case 5\n.*5 is wrong"):
        hold(suite_of(numbered([], frozenset([5]))), tmp_path, 3)


def test_a_case_follows_from_the_seed_and_its_number() -> None:
    texts = [text_of(1, number) for number in range(40)]
    assert [text_of(1, number) for number in reversed(range(40))] == texts[::-1]
    assert len(set(texts)) > 30
    assert [text_of(2, number) for number in range(40)] != texts


def test_a_text_is_shrunk_to_what_fails() -> None:
    text = "".join(f"line {number}\n" for number in range(60))
    assert shrunk(text, lambda smaller: "e 37" in smaller) == "e 37"
