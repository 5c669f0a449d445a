"""A run process that asks: it holds what is asked of, and goes on as planned where no good answer comes in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.workflows.execution.lab import Lab
from workflows.execution.conversation import Breach, Conversation
from workflows.execution.jobs import job_of
from workflows.execution.limits import Limits
from workflows.execution.local import LocalEngine
from workflows.execution.output import Output
from workflows.execution.protocol import (
    Job,
    Message,
    PartFinished,
    PartHashed,
    PartStarted,
    Ready,
    Revised,
    Revision,
    TraceMatched,
)
from workflows.execution.questions import Questions
from workflows.execution.scheduler import Reports, Scheduler
from workflows.execution.usercode import UserCode
from workflows.graph.dag import NodeName, PartId
from workflows.graph.signature import trace_key
from workflows.hashing import Digest

TEXT = """\
rows = Dataset("iris")

def more(batch):
    return batch.assign(n=1)

first = Map(rows, more)
second = Map(first, lambda batch: batch.assign(m=2))
n = Reducer(second, lambda frame: len(frame))
other = Reducer(first, lambda frame: 0)
Output(n, other)
"""
SAME = TEXT.replace("n=1", "n=2 - 1")
FAILING = SAME.replace("lambda frame: 0", "lambda frame: 1 / 0")


def at(node: str, label: str = "all") -> PartId:
    return PartId(NodeName(node), label)


def job(lab: Lab, text: str = SAME, **changes: object) -> Job:
    """The job of a text whose rewritten function will turn out to give the same; nothing is loaded."""
    lab.succeed(TEXT, policy="none")
    prepared = lab.prepare(text, policy="none")
    made = job_of(prepared, {}, lab.store, lab.store.staging(), Path(lab.data), Limits())
    assert made.conditional >= {at("second"), at("n", "value")}
    return replace(made, cores=1, **changes)  # type: ignore[arg-type]


Answer = Callable[[TraceMatched], Revision | None]


def scheduled(made: Job, answer: Answer, patience: float = 20.0) -> list[Message]:
    """What a scheduler says that is answered so."""
    sent: list[Message] = []
    reports: Reports = SimpleQueue()

    def send(message: Message) -> None:
        sent.append(message)
        if isinstance(message, TraceMatched):
            revision = answer(message)
            if revision is not None:
                reports.put(revision)

    output = Output(send, made.limits.log)
    engine = LocalEngine(made, UserCode(made.program, {"log": output.log}))
    Scheduler(made, engine, output, send, reports, patience).run()
    return sent


def begun(sent: list[Message]) -> list[str]:
    return [message.node for message in sent if isinstance(message, PartStarted)]


def checked(made: Job, sent: list[Message], revisions: dict[int, Revision]) -> None:
    """What was said is what a supervisor believes."""
    conversation = Conversation(made)
    for message in (Ready(), *sent):
        conversation.hear(message)
        if isinstance(message, TraceMatched) and message.number in revisions:
            conversation.offer(revisions[message.number])


def test_what_is_dropped_never_begins(lab: Lab) -> None:
    made = job(lab)
    dropped = frozenset([at("second"), at("n", "value"), at("other", "value")])
    revision = Revision(1, {}, dropped, {})
    sent = scheduled(made, lambda _: revision)
    assert begun(sent) == ["rows", "first"]
    checked(made, sent, {1: revision})


def test_nothing_begins_while_an_answer_is_waited_for(lab: Lab) -> None:
    made = job(lab)
    sent = scheduled(made, lambda asked: Revision(asked.number))
    asked = next(place for place, message in enumerate(sent) if isinstance(message, TraceMatched))
    assert isinstance(sent[asked + 1], Revised)
    assert set(begun(sent)) == {"rows", "first", "second", "n", "other"}


def test_where_no_answer_comes_all_is_done_as_planned(lab: Lab) -> None:
    made = job(lab)
    sent = scheduled(made, lambda _: None, patience=0.05)
    assert set(begun(sent)) == {"rows", "first", "second", "n", "other"}
    assert [message.taken for message in sent if isinstance(message, Revised)] == [False]
    assert sum(isinstance(message, TraceMatched) for message in sent) == 1
    checked(made, sent, {1: Revision(1, {}, frozenset([at("n", "value")]), {})})


def test_an_answer_that_comes_late_is_not_taken(lab: Lab) -> None:
    made = job(lab)
    said: list[Message] = []
    questions = Questions(made, said.append, patience=0.0)
    values = _values(made)
    for part, value in values.items():
        questions.know(part, value)
    assert questions.holds(at("second"))
    assert questions.ask()
    questions.give_up()
    assert list(questions.released()) == [at("second")]
    assert not questions.take(Revision(1, {}, frozenset([at("second")]), {}))
    assert not questions.is_open(at("n", "value"))
    assert said[1:] == [Revised(1, False)]


def test_an_answer_that_does_not_know_of_a_failure_is_asked_for_again(lab: Lab) -> None:
    made = job(lab)
    said: list[Message] = []
    questions = Questions(made, said.append)
    for part, value in _values(made).items():
        questions.know(part, value)
    assert questions.holds(at("second"))
    assert questions.ask()
    questions.skip(at("n", "value"))
    assert not questions.take(Revision(1, {}, frozenset([at("n", "value")]), {}))
    assert questions.ask()
    assert questions.take(Revision(2))
    assert said == [said[0], Revised(1, False), said[2], Revised(2, True)]


def test_a_node_that_fails_is_no_end_of_it(lab: Lab) -> None:
    made = job(lab, FAILING)
    revision = Revision(1, {}, frozenset([at("second"), at("n", "value")]), {})
    sent = scheduled(made, lambda _: revision)
    assert begun(sent) == ["rows", "first", "other"]
    checked(made, sent, {1: revision})


def _values(made: Job) -> dict[PartId, Digest]:
    """The values that the trace of ``second`` is known by: what the unedited function gave is what this one gives."""
    found: list[Digest] = []
    sent = scheduled(made, lambda asked: Revision(asked.number))
    for message in sent:
        if isinstance(message, PartFinished) and message.node == "first" and message.value is not None:
            found.append(Digest(message.value))
    (value,) = found
    return {at("first"): value}


@pytest.fixture
def talk(lab: Lab) -> tuple[Job, Conversation, str]:
    """A conversation up to where ``second`` may be asked of, and the key of its trace."""
    made = job(lab)
    values = _values(made)
    conversation = Conversation(made)
    conversation.hear(Ready())
    for name in ("rows", "first"):
        conversation.hear(PartStarted(name, "all"))
        conversation.hear(PartFinished(name, "all", 0.1, 0, 10, value=values.get(at(name))))
    part = made.parts.parts[at("second")]
    key = trace_key(part, made.operations[part.id], conversation.values, made.parts.parts)
    assert key in made.traces
    return made, conversation, str(key)


def test_a_trace_is_believed_where_it_matches(talk: tuple[Job, Conversation, str]) -> None:
    _, conversation, key = talk
    conversation.hear(TraceMatched(1, "second", "all", key))
    conversation.offer(Revision(1, {}, frozenset([at("second")]), {}))
    conversation.hear(Revised(1, True))
    assert conversation.states[at("second")] == "dropped"


@pytest.mark.parametrize(
    "say",
    [
        lambda key: [TraceMatched(2, "second", "all", key)],
        lambda _: [TraceMatched(1, "second", "all", "0" * 64)],
        lambda key: [TraceMatched(1, "n", "value", key)],
        lambda key: [TraceMatched(1, "first", "all", key)],
        lambda key: [TraceMatched(1, "nowhere", "all", key)],
        lambda _: [Revised(1, True)],
        lambda _: [Revised(0, False)],
        lambda key: [TraceMatched(1, "second", "all", key), TraceMatched(2, "second", "all", key)],
        lambda key: [TraceMatched(1, "second", "all", key), PartStarted("second", "all")],
        lambda key: [TraceMatched(1, "second", "all", key), Revised(2, True)],
        lambda key: [TraceMatched(1, "second", "all", key), Revised(1, True)],
        lambda _: [PartHashed("second", "all", "0" * 64)],
        lambda _: [PartHashed("first", "all", "nonsense")],
        lambda _: [PartHashed("first", "all", "0" * 64), PartHashed("first", "all", "0" * 64)],
    ],
)
def test_the_last_of_these_is_refused(talk: tuple[Job, Conversation, str], say: Callable[[str], list[Message]]) -> None:
    _, conversation, key = talk
    messages = say(key)
    for message in messages[:-1]:
        conversation.hear(message)
    with pytest.raises(Breach):
        conversation.hear(messages[-1])


def test_a_value_that_was_said_stays(talk: tuple[Job, Conversation, str]) -> None:
    """Else a trace could be made of an input that nothing was made of."""
    _, conversation, key = talk
    conversation.hear(PartHashed("first", "all", "0" * 64))
    conversation.hear(TraceMatched(1, "second", "all", key))
