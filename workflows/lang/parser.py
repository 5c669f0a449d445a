"""Reads a text into statements, within limits of size and nesting, and past syntax errors, so that all are told."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from workflows.errors import Span
from workflows.lang.blocks import Block, block_starts, blocks_of, loose, parsed
from workflows.lang.syntax import Problems, Source

MAX_BYTES = 64 * 1024
MAX_NESTING = 50  # of brackets and blocks
MAX_DEPTH = 150  # of the syntax tree: chains such as a + b + … and a.b().c()… are deep without being nested

_BINDS = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w+)|(\w+)\s*(?::[^=\n]*)?=(?!=)")
_STARRED = re.compile(r"\b(\w+)=(\*\w+)")  # features=*names
_TRIPLE = ('"""', "'''")
_STRING_BLOCKS = 12  # how many blocks a broken string in triple quotes may go through
_ATTEMPTS = 400  # how often parts of a broken text are parsed


@dataclass(frozen=True, slots=True)
class Parsed:
    """The blocks that could be read, and the names that the statements bind that could not."""

    blocks: tuple[Block, ...]
    lost_names: frozenset[str] = frozenset()


def parse(source: Source, problems: Problems) -> Parsed:
    """The statements of the text; what cannot be read is reported and left out. Never raises."""
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        whole = Span(1, 1, 1, len(source.line(1)) + 1)
        problems.add(
            "text-too-long",
            whole,
            f"The text has {size:,} bytes, and at most {MAX_BYTES:,} are read.",
            "Move functions into modules in lib/ and import them.",
        )
        return Parsed(())
    blocks = blocks_of(source)
    lost: frozenset[str] = frozenset()
    if isinstance(blocks, SyntaxError):
        statements, lost = _recover(blocks, source, problems)
        blocks = [loose(statements)]
    kept: list[Block] = []
    for block in blocks:
        for line, message in block.escapes:
            _tell_escape(line, message, source, problems)
        if block.fresh:
            deep = [statement for statement in block.statements if not _shallow(statement, problems)]
            if deep:
                lost = lost.union(*map(_bound_by, deep))
                block = loose([statement for statement in block.statements if statement not in deep])
            else:
                block.remember()
        kept.append(block)
    return Parsed(tuple(kept), lost)


def tree_of(text: str) -> ast.Module | SyntaxError:
    """The module, or why there is none."""
    found = parsed(text)
    return found if isinstance(found, SyntaxError) else ast.Module(list(found.statements), [])


def _recover(error: SyntaxError, source: Source, problems: Problems) -> tuple[list[ast.stmt], frozenset[str]]:
    """Parses blocks (from one line that is not indented to the next) by halves, and reports those that are broken;
    ``error`` is that of the whole text, told where no block by itself is broken."""
    recovery = _Recovery(source, problems)
    recovery.parse(0, len(recovery.starts))
    if not problems.errors:
        _report(error, 0, source, problems)
    return recovery.statements, frozenset(recovery.lost)


class _Recovery:
    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.problems = problems
        self.starts = block_starts(source.lines)
        self.ends = [*self.starts[1:], len(source.lines)]
        self.statements: list[ast.stmt] = []
        self.lost: set[str] = set()
        self._joined = 0  # blocks before this were parsed together with an earlier one
        self._attempts = _ATTEMPTS

    def parse(self, first: int, end: int) -> None:
        first = max(first, self._joined)
        if first >= end:
            return
        if self._attempts <= 0:
            self._lose(first, end)
            return
        tree = self._try(first, end)
        if isinstance(tree, ast.Module):
            self._keep(tree, first)
        elif end - first > 1:
            middle = (first + end) // 2
            self.parse(first, middle)
            self.parse(middle, end)
        elif not self._parse_string(first):
            _report(tree, self.starts[first], self.source, self.problems)
            self._lose(first, end)

    def _parse_string(self, block: int) -> bool:
        """Parses a block that begins a string in triple quotes, together with those that the string goes through."""
        text = "\n".join(self.source.lines[self.starts[block] : self.ends[block]])
        if not any(quote in text for quote in _TRIPLE):
            return False
        for end in range(block + 2, min(block + _STRING_BLOCKS, len(self.starts)) + 1):
            tree = self._try(block, end) if self._attempts > 0 else None
            if isinstance(tree, ast.Module):
                self._keep(tree, block)
                self._joined = end
                return True
        return False

    def _lose(self, first: int, end: int) -> None:
        self.lost.update(_bound_in(self.source.lines[self.starts[first] : self.ends[end - 1]]))

    def _try(self, first: int, end: int) -> ast.Module | SyntaxError:
        self._attempts -= 1
        return tree_of("\n".join(self.source.lines[self.starts[first] : self.ends[end - 1]]))

    def _keep(self, tree: ast.Module, first: int) -> None:
        for statement in tree.body:
            ast.increment_lineno(statement, self.starts[first])
        self.statements += tree.body


def _bound_in(lines: list[str]) -> list[str]:
    return [match.group(1) or match.group(2) for line in lines if (match := _BINDS.match(line))]


def _bound_by(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _report(error: SyntaxError, offset: int, source: Source, problems: Problems) -> None:
    line = min((error.lineno or 1) + offset, len(source.lines))
    end_line = min((error.end_lineno or error.lineno or 1) + offset, len(source.lines))
    # Python counts bytes of lines before, now and then, where a statement has several.
    column = min(max(error.offset or 1, 1), len(source.line(line)) + 1)
    end_column = min(max(error.end_offset or 1, 1), len(source.line(end_line)) + 1)
    if (end_line, end_column) <= (line, column):
        end_line, end_column = line, column + 1
    message = (error.msg or "this cannot be read").strip()
    told = message[:1].upper() + message[1:].rstrip(".?") + ("?" if message.endswith("?") else ".")
    nesting = "nested" in message or "indentation levels" in message
    code = "nested-too-deeply" if nesting else "syntax"
    hint = "Name the inner parts, one statement each." if nesting else _syntax_hint(message, source.line(line))
    problems.add(code, Span(line, column, end_line, end_column), told, hint)


def _syntax_hint(message: str, line: str) -> str:
    if "never closed" in message or "does not match opening" in message:
        return "Close it, or take it away."
    if "unmatched" in message:
        return "Open it before, or take it away."
    if starred := _STARRED.search(line):
        return f"Write {starred[1]}=[{starred[2]}]."
    if "unterminated" in message:
        return "End the string with the quote that it begins with."
    if "expected ':'" in message:
        return "End the line with a colon."
    if "indent" in message:
        return "Statements of the module begin at the first column; the lines of a block are indented alike."
    if "comma" in message:
        return "Arguments and items are separated by commas."
    shown = line.strip()[:60] or ascii(line)
    return f"Python cannot read `{shown}`: mend it, or take it away."


def _shallow(statement: ast.stmt, problems: Problems) -> bool:
    """Whether a statement keeps the limits of nesting; reports the first place that does not."""
    if statement.end_lineno == statement.lineno and (statement.end_col_offset or 0) < MAX_NESTING:
        return True  # a level takes a character at least
    pending: list[tuple[ast.AST, int, int]] = [(statement, 1, 1)]
    while pending:
        node, nesting, depth = pending.pop()
        if nesting > MAX_NESTING or depth > MAX_DEPTH:
            limit = f"nested {MAX_NESTING} deep" if nesting > MAX_NESTING else f"chained {MAX_DEPTH} long"
            problems.add(
                "nested-too-deeply",
                node if hasattr(node, "lineno") else statement,
                f"Expressions and blocks may be {limit} at most.",
                "Name the inner parts, one statement each.",
            )
            return False
        spine = _spine(node)
        for child in ast.iter_child_nodes(node):
            pending.append((child, nesting + (child is not spine), depth + 1))
    return True


def _spine(node: ast.AST) -> ast.AST | None:
    """The child that continues a chain (``a + b + c``, ``a.b().c()``, ``elif``) rather than standing inside it."""
    match node:
        case ast.BinOp():
            return node.left
        case ast.Attribute() | ast.Subscript():
            return node.value
        case ast.Call():
            return node.func
        case ast.If() if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            return node.orelse[0]
        case ast.Expr() | ast.Starred() | ast.keyword():
            return node.value
    return None


def _tell_escape(line: int, message: str, source: Source, problems: Problems) -> None:
    """Warns of a string escape that Python does not know: it means a backslash today, and an error tomorrow."""
    told = message[:1].upper() + message[1:].rstrip(".") + "."
    span = Span(line, 1, line, len(source.line(line)) + 1)
    problems.add("escape", span, told, r'Write r"…" for a string with backslashes, or double them.', warning=True)
