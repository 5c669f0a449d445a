"""Why a node's result is not what it was: from the node up to each change that it comes from, with the very diff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from workflows.compiler import Compiled
from workflows.execution import memory
from workflows.execution.files import size
from workflows.execution.memory import MadeFrom
from workflows.execution.planning import Prepared, UnknownNode
from workflows.graph.dag import Node, NodeName, Part
from workflows.graph.difference import Change, Kind, changes, describe_file, show, source_of, whole
from workflows.lang.written import Written, written
from workflows.optimizer.reasons import Explainer
from workflows.ports import ArtifactStore

MOST_CAUSES = 8
MOST_LINES = 400  # of a diff
_CONTEXT = 3  # lines about a change
_ABBREVIATED = 12  # digits of a content hash


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff. ``before`` and ``after``: its number (from 1) on either side, None where it is not there."""

    mark: Literal["same", "added", "removed", "skipped"]
    before: int | None
    after: int | None
    text: str


@dataclass(frozen=True, slots=True)
class CodeDiff:
    """How code changed: the file that it stands in on either side, and its lines; ``cut`` where there were more."""

    before_file: str | None
    after_file: str | None
    lines: tuple[DiffLine, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Explained:
    """A ``difference.Change``, where it is one of code with how its lines changed. ``before`` and ``after``: values, or
    size and abbreviated content hash of data; None where there is none to tell."""

    kind: Kind
    subject: str
    text: str
    before: str | None
    after: str | None
    diff: CodeDiff | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """What a node is stale by: the way from it up to the node that changed, and all that changed there."""

    path: tuple[NodeName, ...]
    changes: tuple[Explained, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the plan does with a node what it does. ``causes`` are what changed since the workflow's last whole run:
    none where nothing did, or there was none; the nearest MOST_CAUSES where there are more."""

    node: NodeName
    reason: str
    causes: tuple[Cause, ...]


def explain(prepared: Prepared, name: str, store: ArtifactStore, data_root: Path) -> Explanation:
    """Why the plan does with a node what it does. Raises UnknownNode."""
    dag, plan = prepared.compiled.dag, prepared.plan
    if dag is None or plan is None or name not in dag.nodes:
        raise UnknownNode(name, () if dag is None else dag.nodes)
    node = plan.nodes.get(NodeName(name))
    if node is None:
        return Explanation(NodeName(name), "not needed: no output needs it", ())
    run = memory.last_run(store.catalog, prepared.workflow)
    if run is None or prepared.previous is None:
        return Explanation(node.node, node.reason, ())
    return Explanation(node.node, node.reason, tuple(_Comparison(prepared, run, data_root).causes(node.node)))


def own_changes(prepared: Prepared, store: ArtifactStore, data_root: Path) -> Iterator[Cause]:
    """What changed of each node itself since the last run, in the order of the plan."""
    run = memory.last_run(store.catalog, prepared.workflow)
    if run is None or prepared.previous is None or prepared.plan is None:
        return
    comparison = _Comparison(prepared, run, data_root)
    for name, node in prepared.plan.nodes.items():
        if node.action == "compute" and (own := comparison.own(name)):
            yield Cause((name,), own)


class _Comparison:
    """A prepared text beside the workflow's last run."""

    def __init__(self, prepared: Prepared, run: MadeFrom, data_root: Path) -> None:
        assert prepared.compiled.parts is not None
        assert prepared.previous is not None
        self._now, self._then = prepared.compiled, run.compiled(prepared.lib)
        self._data, self._run, self._root = prepared.data, run, data_root
        self._parts: dict[NodeName, list[Part]] = {}
        for part in prepared.compiled.parts.parts.values():
            self._parts.setdefault(part.id.node, []).append(part)
        self._earlier: dict[NodeName, Node] = {
            part.node: known.node for part, known in prepared.previous.parts.parts.items()
        }
        self._explainer = Explainer(prepared.compiled.parts, prepared.whole, prepared.previous)

    def causes(self, name: NodeName) -> Iterator[Cause]:
        """The nearest changes above a node, itself included; breadth first, so that ways are the shortest."""
        paths: dict[NodeName, tuple[NodeName, ...]] = {name: (name,)}
        nodes, found = [name], 0
        for node in nodes:  # grows while it is walked
            own = self.own(node)
            if own:
                yield Cause(paths[node], own)
                found += 1
                if found == MOST_CAUSES:
                    return
            for part in self._parts[node]:
                for item in filter(self._explainer.differs, part.requires):
                    if item.node not in paths:
                        paths[item.node] = (*paths[node], item.node)
                        nodes.append(item.node)

    def own(self, name: NodeName) -> tuple[Explained, ...]:
        """What changed of a node itself, and of the data that it reads."""
        differing = [part for part in self._parts[name] if self._explainer.differs(part.id)]
        earlier = self._earlier.get(name)
        if not differing or earlier is None:
            return ()
        told = [explained(change, self._then, self._now) for change in changes(earlier, differing[0].node)]
        told += [change for part in differing if (change := self._data_change(part)) is not None]
        return tuple(told)

    def _data_change(self, part: Part) -> Explained | None:
        place = (part.id.node, part.id.label)
        if place not in self._data or place not in self._run.data or self._data[place] == self._run.data[place]:
            return None
        path = source_of(part.node, part.id.label)
        sizes = (self._run.sizes.get(place), size(self._root, path) if path else None)
        before, after = (
            describe_data(content, count)
            for content, count in zip((self._run.data[place], self._data[place]), sizes, strict=True)
        )
        return data_changed(part.node, part.id.label, before, after)


def explained(change: Change, then: Compiled, now: Compiled) -> Explained:
    """A change between two texts, where it is one of code with its lines."""
    if change.kind != "code":
        return Explained(change.kind, change.subject, change.text, change.before, change.after)
    places = change.places or (None, None)
    before = None if change.before is None else _code(change.before, then, places[0])
    after = None if change.after is None else _code(change.after, now, places[1])
    diff = _diff(before, after)
    return Explained("code", change.subject, *_values(change, then, now), diff if diff.lines else None)


def _values(change: Change, then: Compiled, now: Compiled) -> tuple[str, str | None, str | None]:
    """What to say of code; of a constant of the text its values, which ``--set`` may change without any line."""
    old, new = (side.program.constants if side.program else {} for side in (then, now))
    name = change.subject.removeprefix("constant `").removesuffix("`")
    if not change.subject.startswith("constant `") or not (name in old and name in new):
        return change.text, None, None
    text = f"{change.subject} {show(old[name])} → {show(new[name])}"
    return text, whole(old[name]), whole(new[name])


def data_changed(node: Node, split: str, before: str | None, after: str | None) -> Explained:
    """That a source reads other data; ``before`` and ``after`` tell the one from the other."""
    path = source_of(node, split)
    return Explained("data", path or node.name, describe_file(node, split), before, after)


def _code(title: str, compiled: Compiled, place: tuple[int, int] | None) -> Written | None:
    return written(title, compiled.text, compiled.library, place)


def describe_data(content: str | None, count: int | None) -> str:
    """ "3,974,305 bytes, 5d7c39d7b8f8": what tells one content of a file from another."""
    known = [] if count is None else [f"{count:,} bytes"]
    return ", ".join([*known, content[:_ABBREVIATED] if content else "not read yet"])


def _diff(before: Written | None, after: Written | None) -> CodeDiff:
    old, new = (() if side is None else side.lines for side in (before, after))
    matcher = SequenceMatcher(None, [text for _, text in old], [text for _, text in new], autojunk=False)
    lines: list[DiffLine] = []
    for place, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT)):
        if place:
            lines.append(DiffLine("skipped", None, None, ""))
        for tag, first, last, start, end in group:
            if tag == "equal":
                lines += [
                    DiffLine("same", one, other, text)
                    for (one, text), (other, _) in zip(old[first:last], new[start:end], strict=True)
                ]
                continue
            lines += [DiffLine("removed", number, None, text) for number, text in old[first:last]]
            lines += [DiffLine("added", None, number, text) for number, text in new[start:end]]
    files = [None if side is None else side.file for side in (before, after)]
    return CodeDiff(files[0], files[1], tuple(lines[:MOST_LINES]), len(lines) > MOST_LINES)
