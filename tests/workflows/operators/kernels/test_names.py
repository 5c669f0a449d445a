"""The names of columns: a sequence like a tuple of them, whatever it keeps of them."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.operators.kernels.names import Names, Numbered

PARTS = st.lists(st.text(max_size=3) | st.builds(Numbered, st.text(max_size=2), st.integers(0, 5)), max_size=6)


def spelled(parts: list[str | Numbered]) -> tuple[str, ...]:
    found: list[str] = []
    for part in parts:
        found += [part] if isinstance(part, str) else [f"{part.word}[{number}]" for number in range(part.count)]
    return tuple(found)


@given(PARTS)
def test_it_is_as_a_tuple_of_them(parts: list[str | Numbered]) -> None:
    names, wanted = Names(parts), spelled(parts)
    assert tuple(names) == wanted
    assert len(names) == len(wanted)
    assert [names[place] for place in range(-len(wanted), len(wanted))] == [*wanted, *wanted]
    assert names[1:4] == wanted[1:4]
    assert names == wanted
    assert hash(names) == hash(wanted)
    assert (
        Names.read(json.loads(json.dumps(names.told()))) == names == Names(wanted) == pickle.loads(pickle.dumps(names))
    )


@given(PARTS, PARTS)
def test_two_are_equal_where_their_names_are(one: list[str | Numbered], other: list[str | Numbered]) -> None:
    assert (Names(one) == Names(other)) is (spelled(one) == spelled(other))


def test_there_are_no_others() -> None:
    names = Names(["a", Numbered("b", 2)])
    for place in (3, -4):
        with pytest.raises(IndexError):
            names[place]
    assert names != ["a", "b[0]", "b[1]"]
    assert Names.of(names) is names
    assert repr(names) == "Names(['a', Numbered(word='b', count=2)])"
