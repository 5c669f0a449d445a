"""What a store holds, as people ask for it: totals, and which holdings a name means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from workflows.errors import HelixError, nearest
from workflows.hashing import Digest
from workflows.ports import AUDITS, Audits, Catalog, Holding

_SHORTEST = 6  # characters of a digest that name it


class NoSuchResult(HelixError):
    """A name was given that nothing stored has."""

    code = "no-such-result"

    def __init__(self, name: str, holdings: Sequence[Holding]) -> None:
        near = nearest(name, {node for holding in holdings for node in holding.nodes})
        hint = f" Did you mean `{near}`?" if near else " `helixweb store list` shows what is."
        super().__init__(f"Nothing is stored that is called `{name}`.{hint}", name=name, nearest=near)


@dataclass(frozen=True, slots=True)
class Totals:
    """``pinned`` and ``superseded`` (of versions that their workflows have left) in bytes; ``saved`` in seconds; over
    what is held now."""

    bytes: int
    count: int
    pinned: int
    superseded: int
    hits: int
    saved: float


Unchanged: TypeAlias = Literal["pinned", "read", "gone"]

WHY: Final[Mapping[Unchanged, str]] = MappingProxyType(
    {
        "pinned": "It is pinned: unpin it first.",
        "read": "A run is going to read it: try again when that run has ended.",
        "gone": "Nothing is stored under it any more.",
    }
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was asked for was done with some results, and not with others."""

    done: tuple[Digest, ...]
    refused: Mapping[Digest, Unchanged]


def totals(holdings: Sequence[Holding]) -> Totals:
    return Totals(
        bytes=sum(holding.bytes for holding in holdings),
        count=len(holdings),
        pinned=sum(holding.bytes for holding in holdings if holding.pinned),
        superseded=sum(holding.bytes for holding in holdings if not holding.current),
        hits=sum(holding.hits for holding in holdings),
        saved=sum(holding.saved for holding in holdings),
    )


def called(name: str, holdings: Sequence[Holding]) -> list[Holding]:
    """The holdings that a name means: those of a node, or the one whose digest or signature begins so.

    Raises NoSuchResult.
    """
    found = [holding for holding in holdings if name in holding.nodes]
    if not found and len(name) >= _SHORTEST:
        found = [each for each in holdings if any(hash_.startswith(name) for hash_ in (each.digest, *each.signatures))]
    if not found:
        raise NoSuchResult(name, holdings)
    return found


def audits(catalog: Catalog) -> Audits:
    """What audits found so far."""
    counts = catalog.ledger.tally(AUDITS)
    return Audits(round(counts.get("checked", 0.0)), round(counts.get("false hits", 0.0)))


def audits_in_words(found: Audits) -> str:
    """As "0 false hits in 12,410 loads checked"."""
    hits = f"{found.false_hits:,} false hit{'' if found.false_hits == 1 else 's'}"
    return f"{hits} in {found.checked:,} load{'' if found.checked == 1 else 's'} checked"
