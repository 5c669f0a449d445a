"""What the command line shows to people: diagnostics with their lines, tables of nodes, outputs, progress."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflows.errors import Diagnostic
from workflows.events import Event, LogWritten, NodeFailed, NodeFinished, NodeProgressed, RunFinished
from workflows.graph.dag import NodeName

if TYPE_CHECKING:
    from workflows.execution.audit import Audit
    from workflows.execution.explanation import CodeDiff, Explained
    from workflows.execution.runner import MissingFile, NodeResult, RunResult
    from workflows.optimizer.plan import Plan
    from workflows.ports import Audits, Holding
    from workflows.store.eviction import Budget
    from workflows.store.inventory import Totals

_COLOURS = {
    "error": "31",
    "warning": "33",
    "compute": "36",
    "load": "32",
    "prune": "2",
    "failed": "31",
    "removed": "31",
    "added": "32",
    "bold": "1",
}
_WIDEST_OUTPUT = 200
_WIDEST_PROGRESS = 60  # characters of what a node says of its progress
_LONGEST_DIFF = 40  # lines of one change that are shown


def print_diagnostics(file: Path, text: str, diagnostics: Sequence[Diagnostic]) -> None:
    """Each with its line and a way out, and a count at the end."""
    lines = text.splitlines()
    for diagnostic in diagnostics:
        span = diagnostic.span
        place = f"{file}:{span.line}:{span.column}"
        severity = coloured(diagnostic.severity, diagnostic.severity)
        print(f"{place}: {severity}: {diagnostic.message} [{diagnostic.code}]", file=sys.stderr)
        _print_line(lines, span.line, span.column, span.end_column if span.end_line == span.line else None)
        if diagnostic.hint:
            print(f"    {diagnostic.hint}", file=sys.stderr)
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    if errors:
        print(f"{errors} error{'s' if errors > 1 else ''}", file=sys.stderr)


def print_plan(plan: Plan, changes: Mapping[NodeName, Sequence[Explained]]) -> None:
    """One line a node: what a run would do with it, how long that would take, and why; below it how it changed."""
    rows = [
        (
            *(node.node, node.operator, node.action),
            seconds_of(node.estimate) if node.action != "prune" else "",
            node.reason + ("; may be reused if equal" if node.conditional else ""),
        )
        for node in plan.nodes.values()
    ]
    below = {name: list(_changes(told)) for name, told in changes.items()}
    print_table(("node", "operator", "action", "estimate", "reason"), rows, right={3}, below=below)
    actions = [node.action for node in plan.nodes.values()]
    counts = ", ".join(f"{actions.count(action)} to {action}" for action in ("compute", "load", "prune"))
    print(f"\n{counts}; about {seconds_of(plan.estimate)}")


def print_missing(missing: Sequence[MissingFile]) -> None:
    for file in missing:
        print(f"{coloured('missing', 'warning')}: {file.message}", file=sys.stderr)
    print_ways(missing)


def print_unprotected(reason: str) -> None:
    print(
        f"{coloured('note', 'warning')}: no sandbox, so functions can do whatever this account can. {reason}",
        file=sys.stderr,
    )


def print_wait(what: str) -> None:
    """Something takes a while before anything else can be said."""
    print(f"{what} …", file=sys.stderr, flush=True)


def print_ways(missing: Iterable[MissingFile]) -> None:
    """What to type so that files are there."""
    ways = {
        f"`helixweb data fetch {file.dataset.name}` gets it"
        if file.dataset is not None
        else "--data names the folder that files are in"
        for file in missing
        if "://" not in file.path
    }
    for way in sorted(ways):
        print(f"    {way}.", file=sys.stderr)


def print_result(file: Path, text: str, result: RunResult) -> None:
    """One line a node, what went wrong, and the outputs."""
    rows = [
        (node.name, node.operator, _action(node), *_times(node), _size(node.bytes) if node.bytes else "", _why(node))
        for node in result.nodes
    ]
    print_table(("node", "operator", "action", "time", "estimated", "size", "reason"), rows, right={3, 4, 5})
    for node in result.nodes:
        if node.error is not None:
            _print_failure(file, text, node.error)
    if result.outputs:
        print()
    for name, value in result.outputs.items():
        print(f"{coloured(name, 'bold')} = {_output(value)}")
    estimate = f" ({_estimated(result)})" if result.status == "succeeded" else ""
    print(f"\n{result.status} in {seconds_of(result.seconds)}{estimate}")


def _estimated(result: RunResult) -> str:
    """What was estimated of the run, and how near that was of its nodes."""
    told = result.accuracy
    if told is None:
        return f"estimated {seconds_of(result.estimate)}"
    near = f"{told.near} of {told.nodes} node{'s' if told.nodes > 1 else ''} within twice and half of theirs"
    farthest = f", farthest off `{told.farthest}`: {seconds_of(told.seconds)} for {seconds_of(told.estimate)}"
    return f"estimated {seconds_of(result.estimate)}; {near}{'' if told.near == told.nodes else farthest}"


def print_datasets(rows: Sequence[dict[str, Any]], root: Path) -> None:
    table = [
        (row["name"], row["title"], _size(row["bytes"]), f"in {root}" if row["present"] else "not fetched")
        for row in rows
    ]
    print_table(("name", "title", "size", "where"), table, right={2})


def print_holdings(holdings: Sequence[Holding], now: float) -> None:
    """One line for each that is kept: what it is, for whom it is kept, and what it saved."""
    rows = [
        (
            called(holding),
            holding.operator,
            _size(holding.bytes),
            str(holding.hits),
            seconds_of(holding.saved) if holding.saved else "",
            _ago(now - holding.used_at),
            ", ".join(Path(workflow).name for workflow in holding.workflows),
            _standing(holding),
        )
        for holding in holdings
    ]
    print_table(("result", "operator", "size", "loads", "saved", "last used", "for", ""), rows, right={2, 3, 4, 5})


def print_audit(found: Audit, all_so_far: Audits) -> None:
    """What was checked after a run, and what that found so far; on the side, since the answer is out."""
    from workflows.store.inventory import audits_in_words

    for hit in found.false_hits:
        print(f"{coloured('error', 'error')}: {hit.message}", file=sys.stderr)
    print(f"checked {', '.join(found.checked)}: {audits_in_words(all_so_far)} so far", file=sys.stderr)


def print_totals(found: Totals, budget: Budget) -> None:
    limit = f" of {_size(int(budget.bytes))}" if budget.bytes < math.inf else ""
    print(f"{_size(found.bytes)}{limit} in {found.count:,} results; {_size(found.pinned)} pinned, ", end="")
    print(f"{_size(found.superseded)} of versions that were left")
    print(f"{found.hits:,} loads of what is kept saved {seconds_of(found.saved)}")


def called(holding: Holding) -> str:
    """What a holding is called: its nodes, which part of the first it is, and the beginning of its digest."""
    part = f" ({', '.join(holding.parts)})" if holding.parts else ""
    return f"{'/'.join(holding.nodes[:3]) or '?'}{part} {holding.digest[:8]}"


def _standing(holding: Holding) -> str:
    return {"user": "pinned", "run": "in use"}.get(holding.pinned, "" if holding.current else "left")


def _ago(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{max(seconds, 0.0):.0f} s ago"


class Log:
    """An event sink that shows what user code prints, as it does; and on a terminal, in a line below, how far a node is
    that tells it."""

    def __init__(self) -> None:
        self._shown = ""  # the node whose progress stands in the last line

    def emit(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case LogWritten(node=node, text=text):
                    self._clear()
                    for line in text.splitlines():
                        print(f"{coloured(node, 'prune')} | {line}", file=sys.stderr)
                case NodeProgressed() if sys.stderr.isatty():
                    self._clear()
                    print(progress_line(event), end="", file=sys.stderr, flush=True)
                    self._shown = event.node
                case NodeFinished(node=node) | NodeFailed(node=node) if node == self._shown:
                    self._clear()
                case RunFinished():
                    self._clear()

    def _clear(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._shown = ""


def progress_line(event: NodeProgressed) -> str:
    """ "model: 42 %, tree 42 of 100", on one line."""
    share = [] if event.fraction is None else [f"{event.fraction:.0%}".replace("%", " %")]
    words = " ".join(event.message.split())[:_WIDEST_PROGRESS]
    return f"{event.node}: {', '.join([*share, *([words] if words else [])])}"


class Bar:
    """Progress of a download, on one line of a terminal; nothing elsewhere."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = -1

    def show(self, done: int, total: int) -> None:
        share = 100 * done // total if total else 100
        if sys.stderr.isatty() and share != self._shown:
            self._shown = share
            end = "\n" if done >= total else ""
            print(f"\r{self._name}: {share:3d} % of {_size(total)}", end=end, file=sys.stderr, flush=True)


def _print_failure(file: Path, text: str, failed: NodeFailed) -> None:
    line = f":{failed.line}" if failed.line else ""
    print(f"\n{file}{line}: {coloured('error', 'error')}: `{failed.node}`: {failed.message}", file=sys.stderr)
    if failed.line:
        _print_line(text.splitlines(), failed.line, None, None)
    for frame in failed.detail.splitlines()[:-1]:
        print(f"    called from {frame}", file=sys.stderr)
    if failed.example:
        print(f"    first input that broke it: {failed.example}", file=sys.stderr)


def _print_line(lines: Sequence[str], line: int, column: int | None, end: int | None) -> None:
    if not 0 < line <= len(lines):
        return
    content = lines[line - 1].expandtabs(1)
    print(f"{line:5} | {content}", file=sys.stderr)
    if column is not None:
        width = max((end or len(content) + 1) - column, 1)
        print(f"      | {' ' * (column - 1)}{'^' * width}", file=sys.stderr)


def _changes(changes: Sequence[Explained]) -> Iterator[str]:
    """What changed of a node: the lines of code with their numbers, values that the reason had to cut, files."""
    for change in changes:
        if change.diff is not None:
            yield from _diff(change.text, change.diff)
        elif change.kind == "data":
            yield f"{change.text}: {change.before} → {change.after}"
        elif "…" in change.text or change.kind == "code":
            yield change.text
            yield from (f"- {change.before}", f"+ {change.after}") if change.before != change.after else ()


def _diff(text: str, diff: CodeDiff) -> Iterator[str]:
    file = diff.after_file or diff.before_file or ""
    moved = f"{diff.before_file} → {file}" if diff.before_file and diff.before_file != file else file
    yield f"{text} ({moved})"
    for place, line in enumerate(diff.lines):
        if place == _LONGEST_DIFF or line.mark == "skipped":
            yield coloured("  …", "prune")
        if place == _LONGEST_DIFF:
            return
        if line.mark != "skipped":
            numbers = " ".join(f"{number or '':>4}" for number in (line.before, line.after))
            mark = {"same": " ", "removed": "-", "added": "+"}[line.mark]
            yield coloured(f"{numbers} {mark} {line.text}", line.mark)


def print_table(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Collection[int],
    below: Mapping[NodeName, Sequence[str]] | None = None,
) -> None:
    """Columns under their titles, those of ``right`` aligned so; ``below``: lines that follow the row of a name."""
    widths = [max(len(row[place]) for row in (titles, *rows)) for place in range(len(titles))]
    for number, row in enumerate((titles, *rows)):
        cells = [
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line = "  ".join(cells).rstrip()
        print(coloured(line, "bold") if not number else _row_coloured(line, row[2] if len(row) > 2 else ""))
        for told in (below or {}).get(NodeName(row[0]), ()) if number else ():
            print(f"    {told}")


def _row_coloured(line: str, action: str) -> str:
    return coloured(line, action) if action in ("prune", "failed") else line


def as_json(value: Any) -> str:
    """One JSON object on one line; a time as ISO 8601 says it."""
    return json.dumps(value, ensure_ascii=False, default=str)


def coloured(text: str, colour: str) -> str:
    """In a colour by what it means, on a terminal."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if sys.stdout.isatty() and colour in _COLOURS else text


def _action(node: NodeResult) -> str:
    return node.status if node.status in ("failed", "skipped") else node.action


def _why(node: NodeResult) -> str:
    return "" if node.status == "failed" else "an input of it failed" if node.status == "skipped" else node.reason


def _times(node: NodeResult) -> tuple[str, str]:
    """What it took, and what was estimated."""
    return seconds_of(node.seconds) if node.seconds else "", seconds_of(node.estimate) if node.action != "prune" else ""


def seconds_of(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.1f} ms" if seconds < 0.00995 else f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.0f} {unit}" if size >= 9.95 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _output(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST_OUTPUT else f"{text[: _WIDEST_OUTPUT - 1]}…"
