"""A query is a source: of a file by its content, of a named connection by its version; no secret leaves its place."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest

from tests import postgres
from tests.workflows.execution.lab import Lab, Recorder, Switch
from workflows.execution import downloads
from workflows.execution.runner import run

ROWS = [(1, "a", 1.5), (2, None, 2.5), (3, "é", None)]
SHOWN = """
def shown(frame):
    return [[None if value != value else value for value in row] for row in frame.astype(object).values.tolist()]

n = Reducer(rows, shown)
"""


LOOK = """
def look(frame):
    import os, pathlib
    seen = [str(dict(os.environ))]
    for file in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            seen.append(file.read_text())
        except OSError:
            pass
    return " ".join(seen)

seen = Reducer(rows, look)
"""


def text(connection: str, query: str = "select * from orders order by id", **options: str) -> str:
    more = "".join(f", {name}={value!r}" for name, value in options.items())
    return f"rows = SQLSource({connection!r}, {query!r}{more})\n{SHOWN}"


def plain(outcome: list[list[object]]) -> list[tuple[object, ...]]:
    return [tuple(row) for row in outcome]


@pytest.fixture
def data(lab: Lab, tmp_path: Path) -> Path:
    lab.data = tmp_path / "data"
    lab.data.mkdir()
    return lab.data


def fill(path: Path, rows: list[tuple[object, ...]] = ROWS) -> None:  # type: ignore[assignment]
    with sqlite3.connect(path) as database:
        database.execute("create table if not exists orders (id integer, name text, price real)")
        database.executemany("insert into orders values (?, ?, ?)", rows)
    database.close()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a PostgreSQL database with the same orders."""
    with postgres.running() as address, psycopg.connect(address) as connection:
        connection.execute("create table orders (id int, name text, price numeric(10, 2))")
        with connection.cursor() as cursor:
            cursor.executemany("insert into orders values (%s, %s, %s)", ROWS)
        connection.commit()
        yield address


def test_a_sqlite_file_is_read_as_its_content_is(lab: Lab, data: Path) -> None:
    fill(data / "shop.db")
    first = lab.succeed(text("shop.db"))
    assert plain(first.result.outputs["n"]) == ROWS
    assert lab.succeed(text("shop.db")).stale == set()
    assert lab.succeed(text("shop.db", "select id from orders order by id desc")).result.outputs["n"] == [[3], [2], [1]]
    lab.succeed(text("shop.db"))
    fill(data / "shop.db", [(4, "d", 0.5)])
    changed = lab.succeed(text("shop.db"))
    assert plain(changed.result.outputs["n"]) == [*ROWS, (4, "d", 0.5)]
    assert changed.stale == {"rows", "n"}


def test_a_duckdb_file_is_read_as_its_content_is(lab: Lab, data: Path) -> None:
    with duckdb.connect(str(data / "shop.duckdb")) as database:
        database.execute("create table orders (id int, name text, price decimal(9, 2))")
        database.executemany("insert into orders values (?, ?, ?)", ROWS)
    assert plain(lab.succeed(text("shop.duckdb")).result.outputs["n"]) == ROWS
    assert lab.succeed(text("shop.duckdb")).stale == set()
    outcome = lab.run(text("shop.duckdb", f"select * from read_csv('{data / 'x.csv'}')"))
    assert "DuckDB says" in outcome.failures["rows"].message


def test_a_sqlite_file_with_a_log_is_read_where_all_is_in_the_file(lab: Lab, data: Path) -> None:
    database = sqlite3.connect(data / "shop.db")
    database.execute("pragma journal_mode=wal")
    database.execute("create table orders (id integer, name text, price real)")
    database.executemany("insert into orders values (?, ?, ?)", ROWS)
    database.commit()
    message = lab.run(text("shop.db")).failures["rows"].message
    assert "shop.db has changes that are only in shop.db-wal" in message
    database.close()
    assert plain(lab.succeed(text("shop.db")).result.outputs["n"]) == ROWS


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("select * from orderz", "SQLite says: no such table: orderz"),
        ("selec 1", 'SQLite says: near "selec": syntax error'),
        ("delete from orders", "a query may only read"),
        ("attach 'other.db' as other", "a query may only read"),
        ("pragma user_version", "a query may only read"),
        ("select 1; select 2", "one statement"),
        ("select 1 as a, 2 as a", "Two columns cannot be called `a`"),
        ("select id as __row_id from orders", "cannot be called `__row_id`"),
        ("select 1 as a union all select 'x'", "Column `a` holds .* make them alike in the query"),
        ("select x'00' as a", "Column `a` holds values of type bytes"),
    ],
)
def test_what_a_database_refuses_is_told_in_its_words(lab: Lab, data: Path, query: str, problem: str) -> None:
    fill(data / "shop.db")
    failure = lab.run(text("shop.db", query)).failures["rows"]
    assert failure.line == 1
    assert problem.split(".*")[0] in failure.message
    assert problem.split(".*")[-1] in failure.message


def test_what_is_no_database_and_what_is_not_there_is_told(lab: Lab, data: Path) -> None:
    (data / "shop.db").write_text("a,b\n")
    assert "neither a SQLite nor a DuckDB file" in lab.run(text("shop.db")).failures["rows"].message
    assert "Did you mean `shop.db`?" in lab.run(text("shp.db")).failures["rows"].message


def test_a_query_without_rows_keeps_its_columns(lab: Lab, data: Path) -> None:
    fill(data / "shop.db")
    query = "select * from orders where id > 9"
    counting = (
        f"rows = SQLSource('shop.db', {query!r})\nn = Reducer(rows, lambda frame: [len(frame), *frame.columns])\n"
    )
    assert lab.succeed(counting).result.outputs["n"] == [0, "id", "name", "price"]


def test_a_server_is_asked_by_name_and_its_version_says_when_again(
    lab: Lab, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", server)
    first = lab.succeed(text("shop", version="1"))
    assert plain(first.result.outputs["n"]) == ROWS
    monkeypatch.delenv("HELIX_CONNECTION_SHOP")
    assert lab.succeed(text("shop", version="1")).stale == set()
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", server)
    again = lab.succeed(text("shop", version="2"))
    assert again.stale == {"rows", "n"}
    assert "`version`" in again.node("rows").reason


def test_without_a_version_rows_are_never_reused(lab: Lab, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", server)
    lab.succeed(text("shop"))
    again = lab.succeed(text("shop"))
    assert again.stale == {"rows", "n"}
    assert again.with_action("compute") == {"rows", "n"}
    assert again.node("rows").reason == "computed: a query without `version=` is never reused"
    assert plain(again.result.outputs["n"]) == ROWS


@pytest.mark.parametrize(
    "query",
    [
        "insert into orders values (9, 'x', 1) returning id",
        "drop table orders",
        "select 1; commit; begin read write; delete from orders; commit",
        "with gone as (delete from orders returning id) select * from gone",
    ],
)
def test_a_server_is_never_written_to(lab: Lab, server: str, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", server)
    assert "PostgreSQL says" in lab.run(text("shop", query)).failures["rows"].message
    assert plain(lab.succeed(text("shop")).result.outputs["n"]) == ROWS


def test_an_address_and_its_password_are_nowhere_but_with_the_supervisor(
    lab: Lab, server: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    password = psycopg.conninfo.conninfo_to_dict(server)["password"]
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", server)
    looking = text("shop") + LOOK
    outcome = lab.succeed(looking)
    assert password not in outcome.result.outputs["seen"]
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", server.replace(password, "wrong-password"))
    failed = lab.run(text("shop"))
    assert "`shop` cannot be reached" in failed.failures["rows"].message
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", server.replace("@127", ":s p@ce@127"))
    broken = lab.run(text("shop"))
    assert "shop" in broken.failures["rows"].message
    for told in (outcome, failed, broken):
        words = json.dumps([str(event) for event in told.sink.events]) + str(told.result) + caplog.text
        assert server not in words
        for secret in (str(password), "wrong-password", "s p@ce", f'"{postgres.USER}"'):
            assert secret not in words
    stored = [path for path in lab.root.rglob("*") if path.is_file()]
    assert stored
    assert not [path for path in stored if str(password).encode() in path.read_bytes()]


def test_a_named_sqlite_file_is_opened_to_read_alone(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "elsewhere.db")
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", f"sqlite://{tmp_path}/elsewhere.db")
    assert plain(lab.succeed(text("shop")).result.outputs["n"]) == ROWS
    assert "may only read" in lab.run(text("shop", "delete from orders")).failures["rows"].message


def test_a_connection_that_is_not_there_names_the_nearest(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    message = lab.run(text("shop")).failures["rows"].message
    assert "There is no connection `shop`: set HELIX_CONNECTION_SHOP" in message
    monkeypatch.setenv("HELIX_CONNECTION_SHOPS", "oracle://u:p@x/y")
    assert "did you mean `shops`?" in lab.run(text("shop")).failures["rows"].message
    assert "begins with none of postgresql://" in lab.run(text("shops")).failures["rows"].message


def test_an_address_in_a_text_is_refused(lab: Lab) -> None:
    prepared = lab.prepare(text("postgresql://bob:secret@host/db"))
    assert [(found.code, found.span.line) for found in prepared.diagnostics if found.severity == "error"] == [
        ("address-in-text", 1)
    ]
    assert "HELIX_CONNECTION_SHOP" in prepared.diagnostics[0].hint
    assert lab.prepare(text("two words")).diagnostics[0].code == "wrong-type"
    assert lab.prepare(text("shop", " ")).diagnostics[0].message == "The query is empty."


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_a_query_that_runs_for_long_stops_with_its_run(
    lab: Lab, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    fill(tmp_path / "a.db")
    endless = {
        "postgresql": (server, "select pg_sleep(60)::text"),
        "sqlite": (
            f"sqlite://{tmp_path}/a.db",
            "with recursive n(x) as (select 1 union all select x from n) select count(*) from n",
        ),
    }
    address, query = endless[kind]
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", address)
    switch = Switch()
    prepared = lab.prepare(text("shop", query))
    threading.Timer(0.5, lambda: setattr(switch, "on", True)).start()
    result = run(prepared, store=lab.store, data_root=lab.data, sink=Recorder(), cancellation=switch, warm=lab.warm)
    assert result.status == "cancelled"
    deadline = time.monotonic() + 10
    while any(thread.name == "query" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_rows_that_would_fill_the_memory_are_refused(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.operators.kernels import queries

    monkeypatch.setattr(queries, "LARGEST", 1000)
    fill(tmp_path / "a.db")
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", f"sqlite://{tmp_path}/a.db")
    query = "with recursive n(x) as (select 1 union all select x + 1 from n limit 200000) select x from n"
    assert "more than 1e-06 GB" in lab.run(text("shop", query)).failures["rows"].message


def test_what_was_fetched_and_forgotten_is_told(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "a.db")
    monkeypatch.setenv("HELIX_CONNECTION_SHOP", f"sqlite://{tmp_path}/a.db")
    monkeypatch.setattr(downloads.Downloads, "keep", lambda *_: "0" * 64)
    assert "run again to fetch it anew" in lab.run(text("shop")).failures["rows"].message
