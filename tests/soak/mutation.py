"""Breaks texts at random: bytes, characters, tokens, lines, and nodes of their syntax trees."""

from __future__ import annotations

import ast
import copy
import random
import re
import warnings
from collections.abc import Callable, Sequence

from tests.workflows.texts import FRAGMENTS

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_CHARACTERS = "()[]{}\"'\\#:,.=*@;\n\t\r\x0c\x0b\x00\x1a\ufeff\u2028\u00a0\u200bé𝒳ß\ud800\udc80%{}-+~|0"


def mutated(text: str, chance: random.Random, others: Sequence[str]) -> str:
    """The text after one to four mutations; ``others`` are texts to take pieces from."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        text = chance.choice(_MUTATIONS)(text, chance, others)
    return text


def _bytes(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    if not raw:
        return text
    for _ in range(chance.choice((1, 3, 10))):
        place = chance.randrange(len(raw))
        raw[place] = raw[place] ^ (1 << chance.randrange(8)) if chance.random() < 0.5 else chance.randrange(256)
    return raw.decode("utf-8", chance.choice(("replace", "surrogateescape", "ignore")))


def _characters(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    place, length = chance.randint(0, len(text)), chance.choice((0, 0, 1, 1, 5, 40))
    piece = "".join(chance.choice(_CHARACTERS) for _ in range(chance.choice((0, 1, 1, 3))))
    return text[:place] + piece + text[place + length :]


def _tokens(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    tokens = _TOKEN.findall(text)
    if not tokens:
        return text
    place, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
    match chance.randrange(5):
        case 0:
            tokens[place] = chance.choice(FRAGMENTS)
        case 1:
            tokens[place], tokens[other] = tokens[other], tokens[place]
        case 2:
            tokens[place:place] = tokens[other : other + chance.choice((1, 3, 12))]
        case 3:
            del tokens[place : place + chance.choice((1, 2, 6))]
        case 4:
            tokens[place] = tokens[other]
    return "".join(tokens)


def _lines(text: str, chance: random.Random, others: Sequence[str]) -> str:
    lines = text.split("\n")
    place, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            lines[place], lines[other] = lines[other], lines[place]
        case 1:
            lines[place:place] = [lines[other]] * chance.choice((1, 2, 50))
        case 2:
            del lines[place : place + chance.choice((1, 3))]
        case 3:
            lines[place] = chance.choice(("    ", "\t", "  ", "")) + lines[place].lstrip()
        case 4:
            lines[place:place] = chance.choice(others).split("\n")[: chance.choice((1, 5, 40))]
    return "\n".join(lines)


def _ends(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    end = chance.choice(("\r\n", "\r", "\n\r", "\n\x0c", "\x0b\n", " \\\n", "\n\n", ";", "\u2028", "\n\t", "\n "))
    return text.replace("\n", end, chance.choice((1, 3, -1)))


def _repeated(text: str, chance: random.Random, _others: Sequence[str]) -> str:
    """A piece many times over: long lines, deep nesting, many nodes."""
    start = chance.randint(0, len(text))
    piece = text[start : start + chance.choice((1, 2, 8, 60))]
    return (text[:start] + piece * chance.choice((2, 20, 300)) + text[start:])[:70_000]


def _trees(text: str, chance: random.Random, others: Sequence[str]) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
            donor = ast.parse(chance.choice(others))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _tokens(text, chance, others)
    places = [(node, name) for node in ast.walk(tree) for name, value in ast.iter_fields(node) if _holds(value)]
    if not places:
        return text
    node, name = chance.choice(places)
    value = getattr(node, name)
    kind = ast.expr if isinstance(value[0] if isinstance(value, list) else value, ast.expr) else ast.stmt
    pieces = [other for other in ast.walk(chance.choice((tree, donor))) if isinstance(other, kind)]
    if not pieces:
        return text
    piece = copy.deepcopy(chance.choice(pieces))
    if isinstance(value, list):
        at = chance.randrange(len(value))
        value[at : at + chance.randint(0, 1)] = [piece] if chance.random() < 0.7 else []
    else:
        setattr(node, name, piece)
    try:
        return ast.unparse(ast.fix_missing_locations(tree))
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
        return text  # a tree that no text has


def _holds(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], ast.expr | ast.stmt)
    return isinstance(value, ast.expr | ast.stmt)


_MUTATIONS: tuple[Callable[[str, random.Random, Sequence[str]], str], ...] = (
    *(_bytes, _characters, _characters, _tokens, _tokens, _lines, _ends, _repeated, _trees, _trees, _trees),
)
