"""The canonical encoding: no two different values share one, and what it gives is pinned."""

from __future__ import annotations

from collections import OrderedDict
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.hashing import encode, fingerprint, fingerprints

plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False),
    st.complex_numbers(allow_nan=False),
    st.text(max_size=3),
    st.binary(max_size=3),
)
values: st.SearchStrategy[Any] = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), inner, max_size=3),
        st.frozensets(plain, max_size=3),
    ),
    max_leaves=8,
)


def exact(value: Any) -> Any:
    """The value in a form in which ``==`` means the same types all through."""
    match value:
        case dict():
            return ("dict", frozenset((key, exact(item)) for key, item in value.items()))
        case frozenset():
            return ("set", frozenset(exact(item) for item in value))
        case list() | tuple():
            return (type(value), tuple(exact(item) for item in value))
        case complex():
            return (complex, value.real.hex(), value.imag.hex())
        case float():
            return (float, value.hex())
    return (type(value), value)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(values, values)
def test_different_values_have_different_encodings(one: Any, other: Any) -> None:
    assert (encode(one) == encode(other)) == (exact(one) == exact(other))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.binary(), st.text())
def test_fingerprints_of_bytes_and_a_text_are_those_of_both_fields(value: bytes, text: str) -> None:
    assert fingerprints("tag")(value, text) == fingerprint("tag", value, text)


def test_mappings_and_sets_have_no_order() -> None:
    assert encode({"a": 1, "b": 2}) == encode({"b": 2, "a": 1}) == encode(OrderedDict(b=2, a=1))
    assert encode(MappingProxyType({"a": 1})) == encode({"a": 1})
    assert encode({"x", "y", "z"}) == encode(frozenset(("z", "y", "x")))


def test_a_subclass_is_encoded_as_its_base() -> None:
    class Name(str):
        __slots__ = ()

    assert encode(Name("a")) == encode("a")
    assert encode(True) != encode(1)


def test_what_has_no_encoding_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no canonical encoding"):
        encode([object()])  # type: ignore[list-item]


def test_encodings_and_fingerprints_are_pinned() -> None:
    """A change of these makes every stored result unknown: bump ``hashing.ENCODING`` with it."""
    value = (None, True, 1, 1.5, 1j, "é", b"x", [1], {"a": ()}, {"b"})
    assert encode(value) == (
        b"q96:nti1:1d20:0x1.8000000000000p+0c29:0x0.0p+0,0x1.0000000000000p+0s2:\xc3\xa9b1:xl4:i1:1m7:s1:aq0:u4:s1:b"
    )
    assert fingerprint("tag", "field", 1) == "5ff568604e307ac26ac6922473a3a57822a0f0422f27f2dfb40f62120fddd1b2"
