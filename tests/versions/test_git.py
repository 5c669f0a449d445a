from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dulwich.porcelain import clone
from dulwich.repo import Repo
from hypothesis import given, settings
from hypothesis import strategies as st

from versions.git import CommitInfo, History

INFO = CommitInfo("model: C 1.0 → 0.1", "ada <ada@localhost>", datetime(2026, 3, 1, tzinfo=UTC), None)

paths = st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=3).map("/".join)


def disjoint(files: dict[str, bytes]) -> bool:
    """No path is a folder of another."""
    return not any(one != other and other.startswith(one + "/") for one in files for other in files)


@given(files=st.dictionaries(paths, st.binary(max_size=200), min_size=1, max_size=6).filter(disjoint))
@settings(max_examples=25, derandomize=True, deadline=None)
def test_what_was_committed_is_read_back_from_any_folder(
    files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    history = History(tmp_path_factory.mktemp("git"), "w")
    commit = history.commit(history.write_tree(files), INFO)
    assert {path: history.read(commit, path) for path in files} == files


def test_the_id_of_a_version_is_the_id_that_git_computes(tmp_path: Path) -> None:
    history = History(tmp_path, "w")
    tree = history.write_tree({"workflow.py": b"x = 1\n"})
    commit = history.commit(tree, INFO)
    blob = hashlib.sha1(b"blob 6\0x = 1\n").digest()
    entry = b"100644 workflow.py\0" + blob
    assert tree == hashlib.sha1(b"tree %d\0" % len(entry) + entry).hexdigest()
    who = b"ada <ada@localhost> 1772323200 +0000"
    body = (
        b"\n".join([b"tree " + tree.encode(), b"author " + who, b"committer " + who, b"encoding UTF-8", b""])
        + "\nmodel: C 1.0 → 0.1\n\nWorkflow: w\n".encode()
    )
    assert commit == hashlib.sha1(b"commit %d\0" % len(body) + body).hexdigest()


def test_the_same_text_of_two_workflows_is_two_versions(tmp_path: Path) -> None:
    ids = set()
    for workflow in ("one", "two"):
        history = History(tmp_path, workflow)
        ids.add(history.commit(history.write_tree({"workflow.py": b""}), INFO))
    assert len(ids) == 2


def test_a_clone_brings_every_version_of_the_line_it_stands_on(tmp_path: Path) -> None:
    history = History(tmp_path, "w")
    first = history.commit(history.write_tree({"workflow.py": b"1"}), INFO)
    history.point(first, 1)
    second = history.commit(
        history.write_tree({"workflow.py": b"2"}), CommitInfo("second", INFO.author, INFO.at, first)
    )
    history.point(second, 2)
    with clone(str(tmp_path / "w.git"), str(tmp_path / "clone"), checkout=True) as copy:
        assert copy.head().decode() == second
        assert [entry.commit.id.decode() for entry in copy.get_walker()] == [second, first]
    assert (tmp_path / "clone" / "workflow.py").read_bytes() == b"2"


def test_a_version_stays_reachable_when_the_line_moves_elsewhere(tmp_path: Path) -> None:
    history = History(tmp_path, "w")
    ids = [history.commit(history.write_tree({"workflow.py": text}), INFO) for text in (b"1", b"2")]
    for number, commit in enumerate(ids, 1):
        history.point(commit, number)
    with Repo(str(tmp_path / "w.git")) as repo:
        assert repo.refs[b"refs/heads/main"].decode() == ids[1]
        assert repo.refs[b"refs/versions/1"].decode() == ids[0]


def test_many_who_write_to_a_new_history_at_once_all_succeed(tmp_path: Path) -> None:
    def write(number: int) -> tuple[str, str]:
        history = History(tmp_path, "digits")
        return history.write_tree({"workflow.py": b"x = 1", "data.json": b"%d" % (number % 3)}), f"{number % 3}"

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(write, range(48)))
    assert len({tree for tree, _ in written}) == 3
    for tree, content in written:
        commit = History(tmp_path, "digits").commit(tree, INFO)
        assert History(tmp_path, "digits").read(commit, "data.json").decode() == content
    assert not list(tmp_path.glob("digits.git/**/*.lock"))


def test_a_lock_of_a_process_that_was_killed_stops_nobody(tmp_path: Path) -> None:
    history = History(tmp_path, "digits")
    tree = history.write_tree({"workflow.py": b"x = 1"})
    commit = history.commit(tree, INFO)
    blob = f"objects/{tree[:2]}/{tree[2:]}"
    left = [tmp_path / "digits.git" / place for place in ("refs/heads/main.lock", f"{blob}.lock")]
    (tmp_path / "digits.git" / blob).unlink()
    for lock in left:
        lock.touch()
    assert history.write_tree({"workflow.py": b"x = 1"}) == tree
    history.point(commit, 1)
    assert history.read(commit, "workflow.py") == b"x = 1"
    assert not any(lock.exists() for lock in left)
