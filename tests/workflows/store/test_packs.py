from __future__ import annotations

from pathlib import Path

import pytest

from workflows.store import packs
from workflows.store.packs import PackWriter, Place, indexes, read_value


def append(writer: PackWriter, *values: bytes, note: str = "") -> list[Place]:
    found: list[Place] = []

    def index(places: list[Place]) -> dict[str, str]:
        found.extend(places)
        return {"note": note}

    writer.append(values, index)
    return found


def notes(folder: Path) -> list[str]:
    return [index["note"] for index in indexes(folder)]


def test_values_are_read_back_from_where_they_were_put(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path)
    values = [b"one", b"", b"three", b"4" * 1000]
    places = append(writer, *values[:2], note="first") + append(writer, *values[2:], note="second")
    assert [read_value(tmp_path, place, len(value)) for place, value in zip(places, values, strict=True)] == values
    assert notes(tmp_path) == ["first", "second"]
    assert len({place.pack for place in places}) == 1
    writer.close()


def test_nothing_is_made_before_something_is_written(tmp_path: Path) -> None:
    PackWriter(tmp_path).close()
    assert not list(tmp_path.iterdir())


def test_a_full_pack_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "FULL", 100)
    writer = PackWriter(tmp_path)
    first, second = append(writer, b"x" * 200, note="a"), append(writer, b"y", note="b")
    assert first[0].pack != second[0].pack
    assert read_value(tmp_path, second[0], 1) == b"y"
    assert sorted(notes(tmp_path)) == ["a", "b"]
    writer.close()


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_torn_frame_and_what_follows_it_is_not_read(tmp_path: Path, cut: int) -> None:
    writer = PackWriter(tmp_path)
    append(writer, b"kept", note="whole")
    append(writer, b"torn" * 20, note="torn")
    writer.close()
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-cut])
    assert notes(tmp_path) == ["whole"]


def test_a_frame_whose_size_was_damaged_is_not_read(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path)
    append(writer, b"value", note="whole")
    writer.close()
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    content[11] = 0x7F  # the top byte of the length of the values: an exabyte is not read into memory
    path.write_bytes(bytes(content))
    assert notes(tmp_path) == []


def test_a_pack_that_somebody_removed_is_not_appended_to(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path)
    append(writer, b"gone")
    (path,) = tmp_path.iterdir()
    path.unlink()
    (place,) = append(writer, b"kept")
    assert read_value(tmp_path, place, 4) == b"kept"
    writer.close()


def test_two_writers_have_a_pack_each(tmp_path: Path) -> None:
    first, second = PackWriter(tmp_path), PackWriter(tmp_path)
    assert append(first, b"a")[0].pack != append(second, b"b")[0].pack
    first.close()
    second.close()
