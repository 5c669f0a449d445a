"""Parses a text block by block, and remembers the blocks: of an edited text only what was edited is parsed.

A block is what stands from one line that is not indented to the next. Where each block of a text is a module of its
own, the statements of the text are those of its blocks one after the other: Python's tokenizer is in its first state at
the end of whatever can be parsed, or it would ask for more.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflows.lang.statements import bound_names
from workflows.lang.syntax import Source
from workflows.parsing import warned
from workflows.recall import Recall

_BLOCK = re.compile(r"[^\s#)\]}]")
_CONTINUES = re.compile(r"(else|elif|except|finally)\b")
# Line ends that Python translates, characters that it takes off or refuses, and an import that changes the grammar.
_NOT_BY_BLOCKS = re.compile("[\r\0\ufeff\ud800-\udfff]|barry_as_FLUFL")
_FEW = 4  # a block of so many may be new for the text to be parsed by blocks
_CHARACTERS = 128 * 1024  # of blocks that are remembered, twice; their trees take a hundred times as much


@dataclass(frozen=True, slots=True)
class Parse:
    """Statements, and the escapes in them that Python does not know: line and message."""

    statements: tuple[ast.stmt, ...]
    escapes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """A block as it was parsed where it began in line ``line``. ``bound``: the names it binds, and in which lines."""

    text: str
    line: int
    parse: Parse
    bound: tuple[tuple[str, int], ...]
    reads: tuple[str, ...] | None


_KNOWN: Recall[str, _Known] = Recall(_CHARACTERS)


class Block:
    """A block of a text: where it begins (from 1), and whether it was parsed just now."""

    __slots__ = ("_known", "fresh", "line")

    def __init__(self, known: _Known, line: int, *, fresh: bool = False) -> None:
        self._known = known
        self.line = line
        self.fresh = fresh

    def remember(self) -> None:
        """Keeps it for another text that has it."""
        if self.text:
            _KNOWN.keep(self.text, self._known, len(self.text))

    @property
    def text(self) -> str:
        return self._known.text

    @property
    def reads(self) -> tuple[str, ...] | None:
        """The names in it, where it is no more than a name bound to a call, or to a list of calls."""
        return self._known.reads

    @property
    def statements(self) -> tuple[ast.stmt, ...]:
        """Its statements, at its lines. They are shared: nobody may change them."""
        return self._here().parse.statements

    @property
    def escapes(self) -> Sequence[tuple[int, str]]:
        """The lines of escapes that Python does not know, and what it says of each."""
        moved = self.line - self._known.line
        return [(line + moved, message) for line, message in self._known.parse.escapes]

    @property
    def bound(self) -> Iterator[tuple[str, int]]:
        """As ``statements.bound_names``."""
        moved = self.line - self._known.line
        return ((name, line + moved) for name, line in self._known.bound)

    def _here(self) -> _Known:
        if self._known.line != self.line:
            parse = parsed(self._known.text)
            assert isinstance(parse, Parse)
            self._known = _known(self._known.text, self.line, _moved(parse, self.line - 1))
            _KNOWN.keep(self.text, self._known, len(self.text))
        return self._known


def loose(statements: Sequence[ast.stmt], escapes: Sequence[tuple[int, str]] = ()) -> Block:
    """Statements of a text that could not be taken apart into blocks."""
    return Block(
        _Known("", 1, Parse(tuple(statements), tuple(escapes)), tuple(bound_names(statements)), None), 1, fresh=True
    )


def parsed(text: str) -> Parse | SyntaxError:
    """The statements, or why there are none; safe in threads. What Python refuses for its depth counts as a syntax
    error."""
    with warned() as caught:
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            return error
        except (RecursionError, MemoryError):
            return SyntaxError("this is nested too deeply")
        except ValueError as error:  # null bytes, lone surrogates
            return SyntaxError(str(error) if "null" in str(error) else "this character is not text")
    escapes = [(one.lineno or 1, str(one.message)) for one in caught if "escape sequence" in str(one.message)]
    return Parse(tuple(tree.body), tuple(escapes))


def blocks_of(source: Source) -> list[Block] | SyntaxError:
    """The text taken apart. Those that are ``fresh`` are not remembered yet."""
    if _NOT_BY_BLOCKS.search(source.text):
        whole = parsed(source.text)
        return whole if isinstance(whole, SyntaxError) else [loose(whole.statements, whole.escapes)]
    starts = block_starts(source.lines)
    ends = [*starts[1:], len(source.lines)]
    lines = [*(f"{line}\n" for line in source.lines[:-1]), source.lines[-1]]
    texts = ["".join(lines[start:end]) for start, end in zip(starts, ends, strict=True)]
    known = [_KNOWN.get(text) for text in texts]
    if known.count(None) * _FEW > len(known):
        return _taken_apart(source, starts, texts)
    blocks: list[Block] = []
    for one, start, text in zip(known, starts, texts, strict=True):
        if one is None:
            found = parsed(text)
            if isinstance(found, SyntaxError):
                return _taken_apart(source, starts, texts)
            one = _known(text, start + 1, _moved(found, start))
            blocks.append(Block(one, start + 1, fresh=True))
        else:
            blocks.append(Block(one, start + 1))
    return blocks


def _taken_apart(source: Source, starts: Sequence[int], texts: Sequence[str]) -> list[Block] | SyntaxError:
    """The whole text parsed at once; in one piece where a statement goes beyond its block."""
    whole = parsed(source.text)
    if isinstance(whole, SyntaxError):
        return whole
    blocks: list[Block] = []
    statements, escapes = list(reversed(whole.statements)), sorted(whole.escapes, reverse=True)
    ends = [*starts[1:], len(source.lines)]
    for start, end, text in zip(starts, ends, texts, strict=True):
        inside: list[ast.stmt] = []
        while statements and statements[-1].lineno <= end:
            inside.append(statements.pop())
        if inside and (inside[-1].end_lineno or 0) > end:
            return [loose(whole.statements, whole.escapes)]
        told: list[tuple[int, str]] = []
        while escapes and escapes[-1][0] <= end:
            told.append(escapes.pop())
        blocks.append(Block(_known(text, start + 1, Parse(tuple(inside), tuple(told))), start + 1, fresh=True))
    return blocks


def block_starts(lines: list[str]) -> list[int]:
    """The lines (from 0) that blocks begin in."""
    starts: list[int] = []
    decorated = False
    for number, line in enumerate(lines):
        if not _BLOCK.match(line) or _CONTINUES.match(line):
            continue
        if not decorated:
            starts.append(number)
        decorated = line.startswith("@")
    return starts if starts[:1] == [0] else [0, *starts]


def _known(text: str, line: int, parse: Parse) -> _Known:
    return _Known(text, line, parse, tuple(bound_names(parse.statements)), _read_by(parse.statements))


def _moved(parse: Parse, lines: int) -> Parse:
    for statement in parse.statements:
        ast.increment_lineno(statement, lines)
    return Parse(parse.statements, tuple((line + lines, message) for line, message in parse.escapes))


def _read_by(statements: Sequence[ast.stmt]) -> tuple[str, ...] | None:
    match statements:
        case [ast.Assign(targets=[ast.Name()], value=ast.Call() | ast.List() | ast.ListComp() as value)]:
            nodes = list(ast.walk(value))
            if not any(isinstance(node, ast.Lambda) for node in nodes):
                return tuple(dict.fromkeys([node.id for node in nodes if isinstance(node, ast.Name)]))
    return None
