"""Puts a ledger's rows together: results of equal bytes are one holding, whatever tables the rows are from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from workflows.hashing import Digest, Signature
from workflows.ports import USER, Holding


class Entry(NamedTuple):
    """A stored result: what its record and the ledger say."""

    signature: Signature
    digest: Digest
    operator: str
    codec: str
    bytes: int
    benefit: float
    base: float
    used_at: float
    hits: int
    saved: float
    seconds: float


class Claim(NamedTuple):
    """A run of ``workflow`` that began ``at`` had the result as that of a ``part`` of ``node``."""

    signature: Signature
    workflow: str
    node: str
    at: float
    part: str


def assembled(entries: Iterable[Entry], claims: Sequence[Claim], pins: Iterable[tuple[str, str]]) -> list[Holding]:
    """The holdings, largest first; ``pins`` are of (signature, holder), those that still hold."""
    newest: dict[str, float] = {}
    claimed: dict[str, list[Claim]] = {}
    for claim in claims:
        newest[claim.workflow] = max(newest.get(claim.workflow, 0.0), claim.at)
        claimed.setdefault(claim.signature, []).append(claim)
    holders: dict[str, set[str]] = {}
    for signature, holder in pins:
        holders.setdefault(signature, set()).add(holder)
    shared: dict[Digest, list[Entry]] = {}
    for entry in entries:
        shared.setdefault(entry.digest, []).append(entry)
    return sorted(
        (_holding(group, claimed, newest, holders) for group in shared.values()),
        key=lambda holding: (-holding.bytes, holding.digest),
    )


def _holding(
    entries: Sequence[Entry],
    claimed: dict[str, list[Claim]],
    newest: dict[str, float],
    holders: dict[str, set[str]],
) -> Holding:
    claims = [claim for entry in entries for claim in claimed.get(entry.signature, ())]
    claims.sort(key=lambda claim: -claim.at)
    held = {holder for entry in entries for holder in holders.get(entry.signature, ())}
    pinned: Literal["", "run", "user"] = "user" if USER in held else "run" if held else ""
    first = entries[0]
    return Holding(
        digest=first.digest,
        signatures=tuple(sorted(entry.signature for entry in entries)),
        operator=first.operator,
        codec=first.codec,
        bytes=max(entry.bytes for entry in entries),
        benefit=sum(entry.benefit for entry in entries),
        base=max(entry.base for entry in entries),
        used_at=max(entry.used_at for entry in entries),
        seconds=max(entry.seconds for entry in entries),
        current=not claims or any(claim.at == newest[claim.workflow] for claim in claims),
        hits=sum(entry.hits for entry in entries),
        saved=sum(entry.saved for entry in entries),
        pinned=pinned,
        nodes=tuple(dict.fromkeys(claim.node for claim in claims)),
        parts=tuple(dict.fromkeys(claim.part for claim in claims if claim.part and claim.node == claims[0].node)),
        workflows=tuple(dict.fromkeys(claim.workflow for claim in claims)),
    )
