"""A run process is believed only what its job lets it say; all else ends the run and reaches neither store nor page."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from blake3 import blake3

from tests.workflows.execution.lab import Lab
from tests.workflows.execution.test_supervision import ROWS
from workflows.events import LogWritten, MetricRecorded, RunFinished
from workflows.execution.conversation import Breach, Conversation
from workflows.execution.jobs import job_of
from workflows.execution.output import LONGEST, POINTS
from workflows.execution.protocol import (
    Done,
    Limits,
    Logged,
    Message,
    MetricLogged,
    PartFailed,
    PartFinished,
    PartSkipped,
    PartStaged,
    PartStarted,
    Progressed,
    Ready,
    ValueMade,
    encode,
)
from workflows.execution.reporter import REPORTS
from workflows.graph.dag import NodeName, PartId

COUNT = "def count(frame):\n    return len(frame)\n\n"
TEXT = f"{ROWS}{COUNT}n = Reducer(rows, count)\nm = Reducer(width, count)\n"


@pytest.fixture
def conversation(lab: Lab) -> Conversation:
    prepared = lab.prepare(TEXT)
    return Conversation(job_of(prepared, {}, lab.store, lab.root, lab.data, Limits()))


def signature(lab: Lab, node: str) -> str:
    return str(lab.prepare(TEXT).signatures[PartId(NodeName(node), "value")])


ROWS_PART: list[Message] = [Ready(), PartStarted("rows", "all"), PartFinished("rows", "all", 0.1, 0, 10)]
VALUE: list[Message] = [*ROWS_PART, PartStarted("n", "value"), PartFinished("n", "value", 0.1, 10, 8)]


@pytest.mark.parametrize(
    "messages",
    [
        [PartStarted("nowhere", "all")],
        [Progressed("nowhere", 0.5, "")],
        [Progressed("rows", 1.5, "")],
        [Progressed("rows", float("nan"), "")],
        [Progressed("rows", None, "")] * (REPORTS + 1),
        [PartStarted("rows", "train")],
        [PartFinished("rows", "all", 0.1, 0, 10)],
        [PartStarted("rows", "all"), PartStarted("rows", "all")],
        [PartStarted("rows", "all"), PartFinished("rows", "all", float("nan"), 0, 10)],
        [PartStarted("rows", "all"), PartFinished("rows", "all", -1.0, 0, 10)],
        [PartStarted("rows", "all"), PartFinished("rows", "all", 1.0, 0, 1 << 63)],
        [PartStarted("rows", "all"), PartFailed("rows", "all", "x", "y", -1, "", "")],
        [*ROWS_PART, PartFinished("rows", "all", 0.1, 0, 10)],
        [PartStarted("rows", "all"), PartFinished("rows", "all", 0.1, 0, 10, "1")],
        [*ROWS_PART, PartFailed("rows", "all", "x", "y", 1, "", "")],
        [*ROWS_PART, ValueMade("rows", "all", 1)],
        [*ROWS_PART, ValueMade("n", "value", 1)],
        [*ROWS_PART, Ready()],
        [*ROWS_PART, Done()],
        [*VALUE, ValueMade("n", "value", 1), ValueMade("n", "value", 2)],
        [*VALUE, PartStaged("n", "value", "0" * 64, "json", "0" * 64, 1, None, "MQ==")],
        [PartSkipped("n", "value", "nowhere")],
        [Logged("nowhere", "x")],
        [*[Logged("n", "x" * LONGEST)] * 2],
        [MetricLogged("nowhere", "loss", 1.0, 1)],
        [MetricLogged("n", "loss", 1.0, 1 << 63)],
        [*[MetricLogged("n", "loss", 1.0, 1)] * (POINTS + 1)],
    ],
)
def test_the_last_of_these_messages_is_refused(conversation: Conversation, messages: Sequence[Message]) -> None:
    for message in messages[:-1]:
        conversation.hear(message)
    with pytest.raises(Breach):
        conversation.hear(messages[-1])


def test_a_result_may_be_staged_once_under_its_own_signature(lab: Lab, conversation: Conversation) -> None:
    staged = PartStaged("n", "value", signature(lab, "n"), "json", "0" * 64, 1, None, "MQ==")
    messages: list[Message] = [*VALUE, ValueMade("n", "value", 1), staged]
    for message in messages:
        conversation.hear(message)
    with pytest.raises(Breach):
        conversation.hear(staged)


def test_after_the_end_only_what_is_kept_may_come(lab: Lab, conversation: Conversation) -> None:
    rest: list[Message] = [
        PartStarted("width", "all"),
        PartFailed("width", "all", "x", "y", 1, "", ""),
        PartSkipped("m", "value", "n"),
        Done(),
        Logged("n", "x"),
    ]
    for message in VALUE + rest:
        conversation.hear(message)
    conversation.hear(PartStaged("n", "value", signature(lab, "n"), "json", "0" * 64, 1, None, "MQ=="))
    with pytest.raises(Breach):
        conversation.hear(Done())


def hostile(payloads: str) -> str:
    """A text whose last node writes these bytes (an expression) to the channel of its process."""
    return (
        f"{ROWS}import socket\n{COUNT}n = Reducer(rows, count)\nm = Reducer(width, count)\n"
        "def forge(frame):\n"
        "    time.sleep(0.2)\n"
        "    for number in range(3, 64):\n"
        "        try: channel = socket.socket(fileno=os.dup(number))\n"
        "        except OSError: continue\n"
        "        if channel.type != socket.SOCK_STREAM: continue\n"
        f"        for payload in {payloads}:\n"
        "            try: channel.sendall(payload)\n"
        "            except OSError: pass\n"
        "    time.sleep(1000)\n\n"
        "forged = Reducer(rows, n, m, lambda frame, n, m: forge(frame))\n"
    )


def line(**message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


INLINE = base64.b64encode(b"999").decode()
DIGEST = blake3(b"999").hexdigest()


@pytest.mark.parametrize(
    "payloads",
    [
        [b"nonsense\n"],
        [b"\xff\xfe\n"],
        [b'{"type": "done"}\n'],
        "[b'x' * (1 << 20)] * 300",
        [line(type="part_finished", node="forged", label="value", seconds=float("inf"), input_bytes=1, bytes=1)],
        [line(type="value_made", node="nowhere", label="value", value=1)],
        [line(type="metric_logged", node="nowhere", name="accuracy", value=1.0, step=None)],
        [line(type="trace_matched", number=1, node="forged", label="value", key="0" * 64)],
        [line(type="revised", number=1, taken=True)],
        [line(type="part_hashed", node="forged", label="value", value="0" * 64)],
        f"[{line(type='logged', node='forged', text='x' * 1000)!r}] * 1000",
    ],
    ids=[
        *("no-json", "no-text", "early-end", "endless-line", "infinite", "foreign-value", "foreign-metric"),
        *("no-trace", "no-answer", "early-value", "flood"),
    ],
)
def test_a_forged_message_fails_the_run_with_its_reason(lab: Lab, payloads: object) -> None:
    outcome = lab.run(hostile(str(payloads)), policy="all")
    assert outcome.result.status == "failed"
    assert outcome.failures["forged"].code == "protocol"
    assert "no message of this run" in outcome.failures["forged"].message
    assert isinstance(outcome.sink.events[-1], RunFinished)
    assert not [event for event in outcome.sink.of(MetricRecorded) if event.node == "nowhere"]
    assert sum(len(event.text) for event in outcome.sink.of(LogWritten)) < 2 * LONGEST


def test_a_result_forged_for_another_part_never_enters_the_catalog(lab: Lab) -> None:
    honest = lab.succeed(TEXT, policy="all")
    assert honest.result.outputs == {"n": 150, "m": 150}
    text = hostile("[]")
    of_n = lab.prepare(text).signatures[PartId(NodeName("n"), "value")]
    assert of_n is not None
    before = lab.store.catalog.records([of_n])[of_n]
    staged = PartStaged("n", "value", of_n, "json", DIGEST, 3, None, INLINE)
    again = lab.run(hostile(repr([encode(staged)])), policy="all")
    assert again.node("n").action == "load"
    assert again.failures["forged"].code == "protocol"
    assert lab.store.catalog.records([of_n])[of_n].digest == before.digest
    assert lab.succeed(TEXT, policy="all").result.outputs == {"n": 150, "m": 150}


def test_a_thread_of_user_code_that_lingers_holds_no_run_up(lab: Lab) -> None:
    text = f"{ROWS}import threading\n{COUNT}n = Reducer(rows, count)\n" + (
        "def linger(frame):\n    threading.Thread(target=time.sleep, args=(1000,)).start()\n    return 1\n\n"
        "lingers = Reducer(rows, linger)\n"
    )
    assert lab.run(text).result.outputs == {"n": 150, "lingers": 1}


def test_more_numbers_than_are_recorded_are_told_and_dropped(lab: Lab) -> None:
    curve = "def curve(frame):\n    for step in range(100_050): log('loss', 0.5, step)\n    return 1\n\n"
    outcome = lab.succeed(f"{ROWS}{curve}n = Reducer(rows, curve)\n")
    assert sum(event.name == "loss" for event in outcome.sink.of(MetricRecorded)) == POINTS
    assert "at most 100,000 numbers" in "".join(event.text for event in outcome.sink.of(LogWritten))
