"""Says in words what changed between two versions of a node: the very parameter, operand, helper or file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from workflows.graph.dag import EstimatorSpec, FunctionSpec, Input, Node, ParamValue

_SHOWN = 40  # characters of a value that are shown
_NAMED = 3  # changes that are named before the rest is counted

_ABSENT = object()


def describe_change(previous: Node | None, current: Node) -> str | None:
    """What of the node itself changed ("`C` 1.0 → 0.1"), or None where nothing did (then only its inputs may have).

    Operands count as the node's own where it has more, fewer or others of them than before; the contents of a file do
    not (``describe_file``).
    """
    if previous is None:
        return "new"
    if previous.operator != current.operator:
        return f"operator `{previous.operator}` → `{current.operator}`"
    changes = list(dict.fromkeys(_changes(previous, current)))
    if not changes:
        return None
    rest = len(changes) - _NAMED
    return ", ".join(changes[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def describe_file(node: Node, split: str) -> str:
    """That the contents of a source's file changed, by the last part of its path."""
    files = node.params.get("files")
    path = files.get(split) if isinstance(files, dict) else node.params.get("connection")
    return f"data file changed: {str(path).rsplit('/', 1)[-1]}" if path else "data changed"


def show(value: ParamValue) -> str:
    """A parameter's value as the text could write it, cut where it is long."""
    text = _show(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


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


def _changes(previous: Node, current: Node) -> Iterator[str]:
    yield from _mapping_changes(previous.params, current.params)
    yield from _operand_changes(previous.inputs, current.inputs)
    if previous.seed != current.seed:
        yield f"`seed` {previous.seed} → {current.seed}"
    if previous.cache != current.cache:
        yield f"`cache` {previous.cache} → {current.cache}"
    if previous.splits != current.splits:
        yield f"splits {_listed(previous.splits)} → {_listed(current.splits)}"
    before, after = (dict(one.split("==") for one in node.packages) for node in (previous, current))
    for name in before.keys() & after.keys():
        if before[name] != after[name]:
            yield f"package {name} {before[name]} → {after[name]}"
    if before.keys() != after.keys() and previous.params == current.params:
        yield f"packages {_listed(previous.packages)} → {_listed(current.packages)}"


def _mapping_changes(previous: Mapping[str, ParamValue], current: Mapping[str, ParamValue]) -> Iterator[str]:
    for name in dict.fromkeys((*previous, *current)):
        before, after = previous.get(name, _ABSENT), current.get(name, _ABSENT)
        if before is _ABSENT:
            yield f"`{name}` + {show(current[name])}"
        elif after is _ABSENT:
            yield f"`{name}` {show(previous[name])} removed"
        else:
            yield from _value_changes(name, previous[name], current[name])


def _value_changes(name: str, before: ParamValue, after: ParamValue) -> Iterator[str]:
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
        case _:
            if type(before) is not type(after) or before != after:
                yield f"`{name}` {show(before)} → {show(after)}"


def _function_changes(before: FunctionSpec, after: FunctionSpec) -> Iterator[str]:
    if before.name != after.name:
        yield f"function `{before.name}` → `{after.name}`"
        return
    if before.captured != after.captured:
        yield from _mapping_changes(before.captured, after.captured)
    if before.identity == after.identity:
        return
    for what in before.depends.keys() & after.depends.keys():
        old, new = before.depends[what], after.depends[what]
        if old != new:
            yield f"{what} {_version(old)} → {_version(new)}" if "==" in old else f"{what} changed"
    if before.depends == after.depends:
        yield f"function `{after.name}` changed"
    elif all(before.depends[what] == after.depends[what] for what in before.depends.keys() & after.depends.keys()):
        yield f"what function `{after.name}` reaches changed"


def _estimator_changes(before: EstimatorSpec, after: EstimatorSpec) -> Iterator[str]:
    if (before.path, before.called) != (after.path, after.called):
        yield f"{show(before)} → {show(after)}"
        return
    if before.code is not None and after.code is not None:
        yield from _function_changes(before.code, after.code)
    if before.distribution != after.distribution:
        yield _package_change(before.distribution, after.distribution)
    yield from _mapping_changes(before.kwargs, after.kwargs)
    yield from _sequence_changes(before.path.rsplit(".", 1)[-1], before.args, after.args)


def _sequence_changes(name: str, before: Sequence[ParamValue], after: Sequence[ParamValue]) -> Iterator[str]:
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
    yield f"`{name}` " + (", ".join(added + removed) or "in another order")


def _operand_changes(before: Sequence[Input], after: Sequence[Input]) -> Iterator[str]:
    for slot in dict.fromkeys(operand.slot for operand in (*before, *after)):
        old = [_operand(operand) for operand in before if operand.slot == slot]
        new = [_operand(operand) for operand in after if operand.slot == slot]
        if old == new:
            continue
        if len(old) == len(new) == 1:
            yield f"operand `{slot}` {old[0]} → {new[0]}"
            continue
        added = [f"+ {name}" for name in new if name not in old]
        removed = [f"− {name}" for name in old if name not in new]
        yield f"operand `{slot}` " + (", ".join(added + removed) or "in another order")


def _operand(operand: Input) -> str:
    return operand.node if operand.split is None else f'{operand.node}["{operand.split}"]'


def _package_change(before: str | None, after: str | None) -> str:
    old, new = (before or "").split("=="), (after or "").split("==")
    if len(old) == len(new) == 2 and old[0] == new[0]:
        return f"package {old[0]} {old[1]} → {new[1]}"
    return f"package {before} → {after}"


def _version(distribution: str) -> str:
    return distribution.rsplit("==", 1)[-1]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
