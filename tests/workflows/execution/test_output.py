"""What a node prints reaches its log while it runs."""

from __future__ import annotations

import queue
import sys
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout

import pytest

from workflows.execution.output import Output
from workflows.execution.protocol import Logged, Message

Heard = queue.Queue[Message]


@pytest.fixture
def heard() -> Heard:
    return queue.Queue()


@pytest.fixture
def output(heard: Heard) -> Iterator[Output]:
    with redirect_stdout(sys.stdout), redirect_stderr(sys.stderr), warnings.catch_warnings():
        made = Output(heard.put, most=10_000)
        made.install()
        yield made


def texts(heard: Heard, length: int) -> str:
    """As much of the log of ``a`` as that."""
    found = ""
    while len(found) < length:
        message = heard.get(timeout=30)
        assert isinstance(message, Logged)
        assert message.node == "a"
        found += message.text
    return found


def test_lines_are_sent_though_the_node_prints_no_more(output: Output, heard: Heard) -> None:
    with output.of("a"):
        print("epoch 1", file=output)
        print("epoch 2", file=output)
        assert texts(heard, 16) == "epoch 1\nepoch 2\n"


def test_a_line_without_end_waits_for_its_end_or_that_of_the_node(output: Output, heard: Heard) -> None:
    with output.of("a"):
        print("whole", file=output)
        print("half", end="", file=output)
        assert texts(heard, 6) == "whole\n"
    assert texts(heard, 4) == "half"
