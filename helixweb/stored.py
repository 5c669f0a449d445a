"""The command ``helixweb store``: what is kept, for whom, what it saved; evicting, and pinning what is to stay."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helixweb import terminal

if TYPE_CHECKING:
    from workflows.ports import Holding
    from workflows.store.filesystem import FileStore

    StoreOf = Callable[[argparse.Namespace], FileStore]


def add_commands(commands: Any, store_of: StoreOf) -> None:
    """Add ``store`` with its actions; ``store_of`` opens the store that the options name."""
    store = commands.add_parser("store", help="what is kept: list it, evict it, pin it")
    actions = store.add_subparsers(required=True, metavar="ACTION")
    for name, action, meaning in (
        ("list", _list, "list what is kept, for whom, and what it saved"),
        ("stats", _stats, "how much is kept, what that saved, and what audits found"),
        ("evict", _evict, "remove results; they are computed again when they are wanted"),
        ("pin", _pin, "keep results from being evicted, for good"),
        ("unpin", _unpin, "let go of results that were pinned"),
    ):
        parser = actions.add_parser(name, help=meaning)
        parser.add_argument("--store", metavar="DIR", type=Path, help="folder of what is kept")
        parser.add_argument("--budget", metavar="SIZE", help="how much may be kept (else HELIX_BUDGET)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        if action in (_evict, _pin, _unpin):
            parser.add_argument("names", metavar="NAME", nargs="+", help="a node, or the beginning of a digest")
        parser.set_defaults(command=_with_store(action, store_of))


def _with_store(
    action: Callable[[argparse.Namespace, FileStore], None], store_of: StoreOf
) -> Callable[[argparse.Namespace], int]:
    def command(options: argparse.Namespace) -> int:
        with closing(store_of(options)) as store:
            action(options, store)
        return 0

    return command


def _list(options: argparse.Namespace, store: FileStore) -> None:
    holdings = store.catalog.ledger.holdings()
    if options.json:
        print(json.dumps({"results": [asdict(holding) for holding in holdings]}, ensure_ascii=False))
    else:
        terminal.print_holdings(holdings, time.time())


def _stats(options: argparse.Namespace, store: FileStore) -> None:
    from workflows.store.inventory import audits, audits_in_words, totals

    found, checks = totals(store.catalog.ledger.holdings()), audits(store.catalog)
    budget = {"bytes": store.budget.bytes, "count": store.budget.count}
    if options.json:
        print(json.dumps({**asdict(found), "budget": budget, "audits": asdict(checks)}))
    else:
        terminal.print_totals(found, store.budget)
        print(audits_in_words(checks))


def _named(options: argparse.Namespace, store: FileStore) -> list[Holding]:
    from workflows.store.inventory import called

    holdings = store.catalog.ledger.holdings()
    found = {each.digest: each for name in options.names for each in called(name, holdings)}
    return list(found.values())


def _evict(options: argparse.Namespace, store: FileStore) -> None:
    named = _named(options, store)
    gone = store.evict([holding.digest for holding in named])
    went = [holding for holding in named if holding.digest in gone]
    _tell(options, {"evicted": went, "pinned": [holding for holding in named if holding.digest not in gone]})


def _pin(options: argparse.Namespace, store: FileStore) -> None:
    named = _named(options, store)
    store.pin([signature for holding in named for signature in holding.signatures])
    _tell(options, {"pinned": named})


def _unpin(options: argparse.Namespace, store: FileStore) -> None:
    named = _named(options, store)
    store.unpin([signature for holding in named for signature in holding.signatures])
    _tell(options, {"unpinned": named})


def _tell(options: argparse.Namespace, done: dict[str, list[Holding]]) -> None:
    if options.json:
        print(json.dumps({what: [holding.digest for holding in those] for what, those in done.items()}))
        return
    for what, those in done.items():
        for holding in those:
            print(f"{what}: {terminal.called(holding)}")
