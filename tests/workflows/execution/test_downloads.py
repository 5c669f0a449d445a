"""An address is a file: fetched by a run, never while one types; known by its content, and scanned as it was hashed."""

from __future__ import annotations

import gzip
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from tests.mirror import published
from tests.workflows.execution.lab import Lab, Recorder, Switch
from workflows.events import RunFinished
from workflows.execution import downloads
from workflows.execution.runner import run

ROWS = "rows = CSVScanner(data)\ndef total(frame):\n    return int(frame['x'].sum())\n\nn = Reducer(rows, total)\n"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str, list[str]]]:
    folder = tmp_path / "site"
    for name in ("plain", "broken"):
        (folder / name).mkdir(parents=True)
    with published(folder) as (address, asked):
        yield folder, address, asked


def source(address: str) -> str:
    return f"data = FileSource({address!r})\n{ROWS}"


def test_nothing_is_fetched_while_one_types(lab: Lab, site: tuple[Path, str, list[str]]) -> None:
    folder, address, asked = site
    (folder / "a.csv").write_text("x\n1\n2\n")
    prepared = lab.prepare(source(f"{address}/a.csv"), hash_files=False)
    assert not asked
    assert not prepared.missing
    assert set(prepared.data.values()) == {None}
    assert all(node.stale for node in prepared.plan.nodes.values()) if prepared.plan else False


def test_what_has_an_etag_is_fetched_once_and_its_results_are_reused(
    lab: Lab, site: tuple[Path, str, list[str]]
) -> None:
    folder, address, asked = site
    (folder / "a.csv").write_text("x\n1\n2\n")
    text = source(f"{address}/a.csv?download=1")
    assert lab.succeed(text).result.outputs == {"n": 3}
    again = lab.succeed(text)
    assert asked == ["200 /a.csv?download=1", "304 /a.csv?download=1"]
    assert again.stale == set()
    assert lab.prepare(text, hash_files=False).data == again.prepared.data
    (folder / "a.csv").write_text("x\n1\n9\n")
    changed = lab.succeed(text)
    assert changed.result.outputs == {"n": 10}
    assert changed.stale == {"data", "rows", "n"}


def test_without_an_etag_the_content_says_what_it_is(lab: Lab, site: tuple[Path, str, list[str]]) -> None:
    folder, address, asked = site
    (folder / "plain" / "a.csv").write_text("x\n1\n")
    text = source(f"{address}/plain/a.csv")
    lab.succeed(text)
    assert lab.succeed(text).stale == set()
    assert [line.split()[0] for line in asked] == ["200", "200"]
    (folder / "plain" / "a.csv").write_text("x\n5\n")
    assert lab.succeed(text).result.outputs == {"n": 5}


def test_the_same_bytes_are_the_same_data_wherever_they_come_from(lab: Lab, site: tuple[Path, str, list[str]]) -> None:
    folder, address, _ = site
    (folder / "a.csv.gz").write_bytes(gzip.compress(b"x\n4\n"))
    lab.succeed(source(f"{address}/a.csv.gz"))
    for other in (str(folder / "a.csv.gz"), (folder / "a.csv.gz").as_uri(), (folder / "a.csv.gz").as_uri()[:-3] + "*"):
        outcome = lab.succeed(source(other))
        assert outcome.result.outputs == {"n": 4}
        if "*" not in other:
            assert outcome.stale == set()


def test_other_schemes_go_through_fsspec(lab: Lab) -> None:
    with fsspec.open("memory://a.csv", "wb") as file:
        file.write(b"x\n6\n")
    assert lab.succeed(source("memory://a.csv")).result.outputs == {"n": 6}


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/nowhere.csv", "there is no such file; look at the address (HTTP 404)"),
        ("/status/403", "fetch it by hand"),
        ("/status/503", "the server failed; run again later (HTTP 503)"),
        ("/broken/a.csv", "broke off after 4 of 8 bytes"),
        ("/silent", "nothing came for 0.3 s"),
    ],
)
def test_what_cannot_be_fetched_fails_its_source_with_what_to_do(
    lab: Lab, site: tuple[Path, str, list[str]], monkeypatch: pytest.MonkeyPatch, path: str, problem: str
) -> None:
    folder, address, _ = site
    (folder / "broken" / "a.csv").write_text("x\n1\n2\n3\n")
    monkeypatch.setattr(downloads, "TIMEOUT", 0.3 if path == "/silent" else 30.0)
    outcome = lab.run(source(address + path))
    assert outcome.result.status == "failed"
    assert problem in outcome.failures["data"].message
    assert outcome.failures["data"].line == 1


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://127.0.0.1:1/a.csv", "the server cannot be reached (Connection refused)"),
        ("http://[nonsense/a.csv", "cannot be read"),
        ("htp://a.example/a.csv", "`htp` is no scheme that is known; is it `http`?"),
        ("memory://nowhere.csv", "there is no such file"),
        ("smb://a.example/b/a.csv", "a package is missing"),
    ],
)
def test_an_address_that_cannot_be_opened_says_why(lab: Lab, address: str, problem: str) -> None:
    assert problem in lab.prepare(source(address)).missing[0].message


def test_what_was_fetched_and_is_gone_from_the_store_is_fetched_anew(
    lab: Lab, site: tuple[Path, str, list[str]]
) -> None:
    folder, address, asked = site
    (folder / "a.csv").write_text("x\n1\n")
    text = source(f"{address}/a.csv")
    lab.succeed(text)
    for kept in lab.store.downloads.iterdir():
        kept.unlink()
    assert lab.succeed(text).result.outputs == {"n": 1}
    assert [line.split()[0] for line in asked] == ["200", "200"]


def test_a_run_that_waits_for_a_silent_server_stops_when_it_is_asked_to(
    lab: Lab, site: tuple[Path, str, list[str]]
) -> None:
    _, address, _ = site
    switch = Switch()
    threading.Timer(0.2, lambda: setattr(switch, "on", True)).start()
    began = time.monotonic()
    prepared = lab.prepare(source(f"{address}/silent"), cancellation=switch)
    assert time.monotonic() - began < downloads.TIMEOUT / 2
    assert set(prepared.data.values()) == {None}
    assert not prepared.missing
    sink = Recorder()
    result = run(prepared, store=lab.store, data_root=lab.data, sink=sink, cancellation=switch, warm=lab.warm)
    assert result.status == "cancelled"
    assert {node.status for node in result.nodes} == {"skipped"}
    assert sink.of(RunFinished)[0].status == "cancelled"


def test_a_fetch_that_nobody_cancels_tells_what_went_wrong_in_its_own_words(
    lab: Lab, site: tuple[Path, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address, _ = site
    monkeypatch.setattr(downloads, "TIMEOUT", 0.2)
    for path, problem in (("/silent", "nothing came for 0.2 s"), ("/nowhere.csv", "there is no such file")):
        assert problem in lab.prepare(source(address + path), cancellation=Switch()).missing[0].message


def test_without_fetching_an_address_is_what_it_gave_last(lab: Lab, site: tuple[Path, str, list[str]]) -> None:
    folder, address, asked = site
    (folder / "a.csv").write_text("x\n1\n")
    text = source(f"{address}/a.csv")
    assert set(lab.prepare(text, fetch=False).data.values()) == {None}
    assert not asked
    known = lab.prepare(text).data
    assert lab.prepare(text, fetch=False).data == known
    assert len(asked) == 1


def _age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_was_used_longest_ago_is_forgotten_where_there_is_too_much(
    tmp_path: Path, site: tuple[Path, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address, asked = site
    kept = downloads.Downloads(tmp_path / "downloads")
    hashes = []
    for number in range(4):
        (folder / f"{number}.csv").write_bytes(bytes([65 + number]) * 1000)
        hashes.append(kept.identity(f"{address}/{number}.csv", read=True))
        _age(tmp_path / "downloads" / str(hashes[-1]), 10_000 - number)
    kept.identity(f"{address}/0.csv", read=True)  # the oldest is used once more
    monkeypatch.setattr(downloads, "LIMIT", 2500)
    kept.evict()
    here = [kept.identity(f"{address}/{number}.csv", read=False) for number in range(4)]
    assert here == [hashes[0], None, None, hashes[3]]
    assert kept.content("0", str(hashes[0])) == b"A" * 1000
    kept.identity(f"{address}/1.csv", read=True)
    assert asked[-1] == "200 /1.csv"


def test_what_a_run_may_be_about_to_read_is_never_forgotten(
    tmp_path: Path, site: tuple[Path, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address, _ = site
    monkeypatch.setattr(downloads, "LIMIT", 10)
    kept = downloads.Downloads(tmp_path / "downloads")
    for number in range(3):
        (folder / f"{number}.csv").write_bytes(bytes([65 + number]) * 1000)
        kept.identity(f"{address}/{number}.csv", read=True)
    assert all(kept.identity(f"{address}/{number}.csv", read=False) for number in range(3))


def test_what_a_killed_fetch_left_and_records_of_nothing_go_away(
    tmp_path: Path, site: tuple[Path, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address, _ = site
    place = tmp_path / "downloads"
    kept = downloads.Downloads(place)
    (folder / "a.csv").write_bytes(b"x" * 1000)
    kept.identity(f"{address}/a.csv", read=True)
    (place / "0123.part").write_bytes(b"half")
    (place / "4567.part").write_bytes(b"being fetched")
    for path in place.iterdir():
        if path.name != "4567.part":
            _age(path, 10_000)
    monkeypatch.setattr(downloads, "LIMIT", 10)
    kept.evict()
    kept.evict()
    assert [path.name for path in place.iterdir()] == ["4567.part"]
