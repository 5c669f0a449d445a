"""Messages survive the way between processes, and what is no message is refused."""

from __future__ import annotations

import json
import socket
from dataclasses import fields
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.execution.protocol import Lines, Logged, Message, PartStaged, decode, encode, receive_job

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
VALUES: dict[str, Any] = {
    "str": TEXTS,
    "bool": st.booleans(),
    "int": st.integers(),
    "float": st.floats(allow_nan=False),
    "str | None": st.none() | TEXTS,
    "float | None": st.none() | st.floats(allow_nan=False),
    "int | None": st.none() | st.integers(),
    "JsonValue": st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5),
}
messages = st.sampled_from(get_args(Message)).flatmap(
    lambda kind: st.builds(
        kind, **{field.name: VALUES[str(field.type)] for field in fields(kind) if field.name != "type"}
    )
)


@given(messages)
def test_a_message_comes_out_as_it_went_in(message: Message) -> None:
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line[:-1]) == message


@given(st.lists(messages, max_size=6), st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_lines_are_put_together_whatever_the_pieces(sent: list[Message], sizes: list[int]) -> None:
    rest = b"".join(map(encode, sent))
    lines, found = Lines(), []
    for size in [*sizes, len(rest) + 1]:
        found += lines.feed(rest[:size])
        rest = rest[size:]
    assert [decode(line) for line in found] == sent


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"nonsense",
        b"[1]",
        b"3",
        b"{}",
        b'{"type": "unknown"}',
        b'{"type": "done", "more": 1}',
        b'{"type": "part_started", "node": 3, "label": "x"}',
        b'{"type": "part_started", "node": "a"}',
        b'{"type": "part_finished", "node": "a", "label": "b", "seconds": "x", "input_bytes": 1, "bytes": 1}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="message of a run process"):
        decode(line)


def test_text_that_no_table_takes_is_made_such() -> None:
    assert decode(b'{"type": "logged", "node": "a", "text": "\\ud800 x \\u0000"}') == Logged("a", "? x \ufffd")


def test_a_line_without_end_is_refused() -> None:
    lines = Lines(longest=100)
    for _ in range(10):
        assert lines.feed(b"x" * 10) == []
    with pytest.raises(ValueError, match="more than 100 bytes"):
        lines.feed(b"x")


def test_what_is_staged_inline_is_base64_and_nothing_else() -> None:
    made: dict[str, Any] = {"node": "a", "label": "value", "signature": "0", "codec": "json", "digest": "0", "bytes": 1}
    assert PartStaged(**made, file=None, inline="MQ==").staged.inline == b"1"
    with pytest.raises(ValueError, match=r".+"):
        _ = PartStaged(**made, file=None, inline="not base64!").staged


def test_a_supervisor_that_goes_away_sends_no_job() -> None:
    here, there = socket.socketpair()
    with there:
        here.sendall(b"\0\0\0")
        here.close()
        with pytest.raises(ConnectionError):
            receive_job(there)


def test_json_of_a_message_names_its_kind() -> None:
    assert json.loads(encode(PartStaged("n", "l", "s", "c", "d", 1, None, None)))["type"] == "part_staged"


@pytest.mark.parametrize("text", [b"\xed\xa0\x80", b"\0", b"\xff"], ids=["half a character", "NUL", "no UTF-8"])
def test_bytes_that_no_encoder_writes_are_no_message(text: bytes) -> None:
    with pytest.raises(ValueError, match="not a message"):
        decode(b'{"node":"a","text":"' + text + b'","type":"logged"}')


@pytest.mark.parametrize(("written", "read"), [(b"\\ud800", "?"), (b"\\u0000", "\ufffd"), (b"\\u00e9", "é")])
def test_escapes_of_what_no_table_takes_are_replaced(written: bytes, read: str) -> None:
    assert decode(b'{"node":"a","text":"' + written + b'","type":"logged"}') == Logged("a", read)
