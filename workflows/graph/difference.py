"""Says in words what changed between two versions of a node: the very parameter, operand, helper or file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from workflows.graph.dag import EstimatorSpec, FunctionSpec, Input, Node, ParamValue

_SHOWN = 40  # characters of a value that are shown
_WHOLE = 4000  # characters of a value where it is told whole
_NAMED = 3  # changes that are named before the rest is counted

_ABSENT = object()


Kind: TypeAlias = Literal["operator", "parameter", "operand", "setting", "code", "package", "data"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed in a node. ``text`` says it shortly; ``before`` and ``after`` are the whole values as the
    text could write them, None where it was not there. Of code they are what people call it ("helper `clean`"), and
    ``places`` are line and column (as ``FunctionSpec`` has them) of a function that the node names, before and after.
    """

    kind: Kind
    subject: str
    text: str
    before: str | None = None
    after: str | None = None
    places: tuple[tuple[int, int], tuple[int, int]] | None = None


def describe_change(previous: Node | None, current: Node) -> str | None:
    """What of the node itself changed ("`C` 1.0 → 0.1"), or None where nothing did (then only its inputs may have).

    Operands count as the node's own where it has more, fewer or others of them than before; the contents of a file do
    not (``describe_file``).
    """
    if previous is None:
        return "new"
    return describe(changes(previous, current))


def describe(found: Iterable[Change]) -> str | None:
    """The first changes in words, and how many more there are; None where there are none."""
    said = list(dict.fromkeys(change.text for change in found))
    if not said:
        return None
    rest = len(said) - _NAMED
    return ", ".join(said[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def changes(previous: Node, current: Node) -> tuple[Change, ...]:
    """All that changed of the node itself, each thing once."""
    if previous.operator != current.operator:
        text = f"operator `{previous.operator}` → `{current.operator}`"
        return (Change("operator", "operator", text, previous.operator, current.operator),)
    return tuple(dict.fromkeys(_changes(previous, current)))


def describe_file(node: Node, split: str) -> str:
    """That the contents of a source's file changed, by the last part of its path."""
    path = source_of(node, split)
    return f"data file changed: {path.rsplit('/', 1)[-1]}" if path else "data changed"


def source_of(node: Node, split: str) -> str | None:
    """The path of the file that a source reads for a split, or the connection that it asks; None for other nodes."""
    files = node.params.get("files")
    path = files.get(split) if isinstance(files, dict) else node.params.get("connection")
    return None if path is None else str(path)


def show(value: ParamValue) -> str:
    """A parameter's value as the text could write it, cut where it is long."""
    text = _show(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def whole(value: ParamValue) -> str:
    """A value as the text could write it, whole up to 4,000 characters."""
    text = _show(value)
    return text if len(text) <= _WHOLE else text[: _WHOLE - 1] + "…"


def _show(value: ParamValue) -> str:
    match value:
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        case FunctionSpec():
            return value.name
        case EstimatorSpec():
            name = value.path.rsplit(".", 1)[-1]
            given = [_show(item) for item in value.args]
            given += [f"{key}={_show(item)}" for key, item in value.kwargs.items()]
            return f"{name}({', '.join(given)})" if value.called else name
        case list() | tuple():
            return "[" + ", ".join(_show(item) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{_show(key)}: {_show(item)}" for key, item in value.items()) + "}"
        case set():
            return "{" + ", ".join(sorted(_show(item) for item in value)) + "}"
    return repr(value)


def _changes(previous: Node, current: Node) -> Iterator[Change]:
    yield from _mapping_changes(previous.params, current.params)
    yield from _operand_changes(previous.inputs, current.inputs)
    for name in ("seed", "cache"):
        before, after = getattr(previous, name), getattr(current, name)
        if before != after:
            yield Change("setting", name, f"`{name}` {before} → {after}", repr(before), repr(after))
    if previous.splits != current.splits:
        splits = _listed(previous.splits), _listed(current.splits)
        yield Change("setting", "splits", f"splits {splits[0]} → {splits[1]}", *splits)
    if previous.packages != current.packages:
        yield from _stack_changes(previous, current)


def _stack_changes(previous: Node, current: Node) -> Iterator[Change]:
    before, after = (dict(one.split("==") for one in node.packages) for node in (previous, current))
    for name in before:
        if name in after and before[name] != after[name]:
            yield _package_change(f"{name}=={before[name]}", f"{name}=={after[name]}")
    if before.keys() != after.keys() and previous.params == current.params:
        packages = _listed(previous.packages), _listed(current.packages)
        yield Change("package", "packages", f"packages {packages[0]} → {packages[1]}", *packages)


def _mapping_changes(previous: Mapping[str, ParamValue], current: Mapping[str, ParamValue]) -> Iterator[Change]:
    for name in dict.fromkeys((*previous, *current)):
        before, after = previous.get(name, _ABSENT), current.get(name, _ABSENT)
        if before is _ABSENT:
            yield Change("parameter", name, f"`{name}` + {show(current[name])}", None, whole(current[name]))
        elif after is _ABSENT:
            yield Change("parameter", name, f"`{name}` {show(previous[name])} removed", whole(previous[name]))
        else:
            yield from _value_changes(name, previous[name], current[name])


def _value_changes(name: str, before: ParamValue, after: ParamValue) -> Iterator[Change]:
    match before, after:
        case FunctionSpec(), FunctionSpec():
            yield from _function_changes(before, after)
        case EstimatorSpec(), EstimatorSpec():
            yield from _estimator_changes(before, after)
        case ((list() | tuple()), (list() | tuple())):
            yield from _sequence_changes(name, before, after)
        case dict(), dict():
            keyed = [{str(key): item for key, item in value.items()} for value in (before, after)]
            yield from _mapping_changes(*keyed)
        case str(), str() if name == "distribution" and before != after:
            yield _package_change(before, after)
        case _:
            if type(before) is not type(after) or before != after:
                yield Change("parameter", name, f"`{name}` {show(before)} → {show(after)}", whole(before), whole(after))


def _function_changes(before: FunctionSpec, after: FunctionSpec) -> Iterator[Change]:
    places = ((before.line, before.column), (after.line, after.column))
    if before.name != after.name:
        names = (_title(before), _title(after))
        yield Change("code", names[1], f"function `{before.name}` → `{after.name}`", *names, places)
        return
    if before.captured != after.captured:
        yield from _mapping_changes(before.captured, after.captured)
    if before.identity == after.identity:
        return
    for what, old in before.depends.items():
        new = after.depends.get(what)
        if new is None:
            yield Change("code", what, f"{what} removed", what, None)
        elif old != new:
            code = Change("code", what, f"{what} changed", what, what, places if what == _title(after) else None)
            yield _package_change(old, new) if "==" in old else code
    for what in after.depends:
        if what not in before.depends:
            yield Change("code", what, f"{what} added", None, what)
    if before.depends == after.depends:
        yield Change("code", _title(after), f"{_title(after)} changed", _title(before), _title(after), places)


def _title(function: FunctionSpec) -> str:
    return f"function `{function.name.strip('<>')}`"


def _estimator_changes(before: EstimatorSpec, after: EstimatorSpec) -> Iterator[Change]:
    if (before.path, before.called) != (after.path, after.called):
        yield Change("parameter", "estimator", f"{show(before)} → {show(after)}", whole(before), whole(after))
        return
    if before.code is not None and after.code is not None:
        yield from _function_changes(before.code, after.code)
    if before.distribution != after.distribution:
        yield _package_change(before.distribution, after.distribution)
    yield from _mapping_changes(before.kwargs, after.kwargs)
    yield from _sequence_changes(before.path.rsplit(".", 1)[-1], before.args, after.args)


def _sequence_changes(name: str, before: Sequence[ParamValue], after: Sequence[ParamValue]) -> Iterator[Change]:
    if len(before) == len(after):
        different = [
            (old, new) for old, new in zip(before, after, strict=True) if type(old) is not type(new) or old != new
        ]
        if len(different) == 1 or any(isinstance(old, EstimatorSpec | FunctionSpec | tuple) for old, _ in different):
            for old, new in different:
                yield from _value_changes(name, old, new)
            return
        if not different:
            return
    added = [f"+ {show(item)}" for item in after if item not in before]
    removed = [f"− {show(item)}" for item in before if item not in after]
    text = f"`{name}` " + (", ".join(added + removed) or "in another order")
    yield Change("parameter", name, text, whole(list(before)), whole(list(after)))


def _operand_changes(before: Sequence[Input], after: Sequence[Input]) -> Iterator[Change]:
    for slot in dict.fromkeys(operand.slot for operand in (*before, *after)):
        old = [_operand(operand) for operand in before if operand.slot == slot]
        new = [_operand(operand) for operand in after if operand.slot == slot]
        if old == new:
            continue
        if len(old) == len(new) == 1:
            text = f"operand `{slot}` {old[0]} → {new[0]}"
        else:
            added = [f"+ {name}" for name in new if name not in old]
            removed = [f"− {name}" for name in old if name not in new]
            text = f"operand `{slot}` " + (", ".join(added + removed) or "in another order")
        yield Change("operand", slot, text, _listed(old), _listed(new))


def _operand(operand: Input) -> str:
    return operand.node if operand.split is None else f'{operand.node}["{operand.split}"]'


def _package_change(before: str | None, after: str | None) -> Change:
    old, new = (before or "").split("=="), (after or "").split("==")
    if len(old) == len(new) == 2 and old[0] == new[0]:
        return Change("package", old[0], f"package {old[0]} {old[1]} → {new[1]}", old[1], new[1])
    return Change("package", after or before or "", f"package {before} → {after}", before, after)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
