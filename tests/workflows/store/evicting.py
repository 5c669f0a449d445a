"""A program that adopts into a store which is too small for it, for tests with several processes and with kills.

``evicting.py ROOT NUMBER``: adopt 20 results of one's own, one after the other.
``evicting.py ROOT killed``: for k = 1, 2, …: fork a child that adopts one result into the full store and is killed
at its k-th call that changes the disk, until one survives; after each, check the store. Prints how many were killed.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path
from uuid import uuid4

from tests.workflows.store.crash import die_at
from tests.workflows.store.test_budget import SIZE, adopt, held, named, whole
from workflows.store.catalog import SqliteCatalog
from workflows.store.eviction import Budget
from workflows.store.filesystem import FileStore
from workflows.store.rebuild import rebuild

BUDGET = Budget(bytes=3 * SIZE)


def work(root: Path, number: int) -> None:
    store = FileStore(root, budget=BUDGET)
    for each in range(20):
        adopt(store, {1000 * (number + 1) + each % 7: float(each)})
        assert store.catalog.ledger.stock().bytes <= BUDGET.bytes


def killed(root: Path) -> None:
    store = FileStore(root, budget=BUDGET)
    for step in itertools.count(1):
        adopt(store, {1: 9.0, 2: 8.0, 3: 0.0})
        child = os.fork()
        if not child:
            die_at(step)
            adopt(FileStore(root, budget=BUDGET), {1000 + step: 5.0 + step})
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        assert {1, 2} <= held(store), "what was to stay is there"
        for each in store.catalog.ledger.holdings():
            store.open(each.signatures[0])
        survived = not os.WIFSIGNALED(status)
        assert survived == (1000 + step in held(store)) or not survived
        catalog = SqliteCatalog(root / f"{uuid4().hex}.sqlite")
        rebuild(root, catalog)
        rebuilt = FileStore(root, catalog, budget=BUDGET)
        assert {1, 2} <= held(rebuilt)
        for each in catalog.ledger.holdings():
            rebuilt.open(each.signatures[0])
        catalog.close()
        if survived:
            print(step - 1)
            return
        store.catalog.ledger.unpin("nobody")
        for number in held(store) - {1, 2, 3}:
            store.evict([store.catalog.records([named(number)])[named(number)].digest])  # type: ignore[list-item]
        adopt(store, {3: 0.0})  # whoever comes next removes what the killed one left
        assert whole(store)


if __name__ == "__main__":
    root = Path(sys.argv[1])
    killed(root) if sys.argv[2] == "killed" else work(root, int(sys.argv[2]))
