from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.store.catalog_suite import A, CatalogSuite, computed
from tests.workflows.store.ledger_suite import LedgerSuite
from workflows.hashing import Signature
from workflows.store.catalog import CatalogDamaged, CatalogFailed, SqliteCatalog

WRITER = """
import sys
from pathlib import Path
from workflows.hashing import Signature
from workflows.ports import Measurement
from workflows.store.catalog import SqliteCatalog
catalog = SqliteCatalog(Path(sys.argv[1]))
for number in range(50):
    catalog.commit([Measurement(Signature(f"{sys.argv[2]} {number}"), "Map", True, 1.0, 0, 0)], [])
"""

# A process of its own: a test process has threads, and must not fork.
FORKER = """
import os, sys
from pathlib import Path
from workflows.hashing import Signature
from workflows.ports import Measurement
from workflows.store.catalog import SqliteCatalog
catalog = SqliteCatalog(Path(sys.argv[1]))
def write(name):
    catalog.commit([Measurement(Signature(name), "Map", True, 1.0, 0, 0)], [])
write("before")
child = os.fork()
if not child:
    write("child")
    catalog.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
write("parent")
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    catalog = SqliteCatalog(tmp_path / "catalog.sqlite")
    yield catalog
    catalog.close()


class TestSqliteCatalog(CatalogSuite, LedgerSuite):
    pass


def test_processes_that_open_a_new_catalog_at_once_all_write_to_it(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(number)]) for number in range(4)]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    catalog = SqliteCatalog(path)
    assert len(catalog.records([Signature(f"{w} {n}") for w in range(4) for n in range(50)])) == 200
    catalog.close()


def test_a_catalog_outlives_its_process_and_may_be_closed_and_used_again(tmp_path: Path) -> None:
    first = SqliteCatalog(tmp_path / "catalog.sqlite")
    first.commit([computed(A)], [])
    first.close()
    first.close()
    assert A in first.records([A])
    first.close()
    second = SqliteCatalog(tmp_path / "catalog.sqlite")
    assert A in second.records([A])
    second.close()


def test_a_forked_child_has_a_connection_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    subprocess.run([sys.executable, "-c", FORKER, str(path)], check=True)
    catalog = SqliteCatalog(path)
    assert len(catalog.records([Signature("before"), Signature("child"), Signature("parent")])) == 3
    catalog.close()


def test_a_file_that_is_no_catalog_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, not a catalog, and long enough to look like a file of some sort")
    with pytest.raises(CatalogDamaged, match=r"notes\.txt is damaged: file is not a database"):
        SqliteCatalog(path)
    with pytest.raises(CatalogFailed, match="cannot be used"):
        SqliteCatalog(tmp_path)
