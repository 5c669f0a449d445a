"""Git's own client against the running application: what it clones, fetches, and is refused; and what is imported."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.helixweb.workflow_texts import DOUBLED, write_table
from tests.stack import Client, Stack

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    write_table(stack.data)
    return stack.client()


@pytest.fixture(scope="module")
def token(client: Client) -> str:
    answer = client.post("/access-tokens", json={"name": "clones"})
    assert answer.status_code == 201
    return str(answer.json()["token"])


@pytest.fixture
def git(tmp_path: Path) -> Any:
    """Runs git in an empty home; returns what it printed. Raises CalledProcessError."""
    environment = os.environ | {
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
    }
    for role in ("AUTHOR", "COMMITTER"):  # of this test alone, so that no other has the same commits
        environment |= {f"GIT_{role}_NAME": tmp_path.name, f"GIT_{role}_EMAIL": "ada@localhost"}

    def run(*arguments: str | Path, **variables: str) -> str:
        command = ["git", *map(str, arguments)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment | variables, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    return run


def address(stack: Stack, name: str, token: str = "") -> str:
    scheme, _, rest = stack.url.partition("://")
    return f"{scheme}://{f'git:{token}@' if token else ''}{rest}/git/{quote(name)}.git"


def run_of(client: Client, workflow: str, text: str) -> dict[str, Any]:
    done = client.finished(client.started(workflow, text)["id"])
    assert done["status"] == "succeeded", done["message"]
    return done


def test_a_clone_has_every_version_under_its_own_id_with_its_files(
    stack: Stack, client: Client, token: str, git: Any, tmp_path: Path
) -> None:
    workflow = client.created(name="Cloned here")["id"]
    texts = [DOUBLED, DOUBLED + "# second\n", DOUBLED + "# third\n"]
    ids = [run_of(client, workflow, text)["version"] for text in texts]
    client.post(f"/workflows/{workflow}/checkout", json={"version": ids[0]}).raise_for_status()
    ids.append(run_of(client, workflow, DOUBLED + "# beside\n")["version"])
    tag = {"kind": "tag", "name": "best", "version": ids[1]}
    assert client.post(f"/workflows/{workflow}/refs", json=tag).status_code == 204
    client.put(f"/versions/{ids[2]}/message", json={"message": "The third"}).raise_for_status()

    git("clone", "--quiet", address(stack, "Cloned here", token), "copy")
    at = ("-C", "copy")
    assert git(*at, "rev-parse", "HEAD") == ids[3]
    assert set(git(*at, "rev-list", "--all").split()) == set(ids)
    assert git(*at, "rev-parse", "origin/main") == ids[2]
    assert git(*at, "rev-parse", "v1^{commit}", "v4^{commit}", "best").split() == [ids[0], ids[3], ids[1]]
    assert git(*at, "rev-parse", "v4^") == ids[0]
    assert git(*at, "branch", "--show-current") == "from-v1"
    git(*at, "fsck", "--strict")
    for version, text in zip(ids, [*texts, DOUBLED + "# beside\n"], strict=True):
        git(*at, "checkout", "--quiet", version)
        assert (tmp_path / "copy" / "workflow.py").read_text() == text
        assert '"blake3"' in (tmp_path / "copy" / "data.json").read_text()
    git(*at, "fetch", "--quiet", "origin", "refs/notes/*:refs/notes/*")
    assert git(*at, "notes", "show", ids[2]) == "The third"

    fifth = run_of(client, workflow, DOUBLED + "# fifth\n")["version"]
    git(*at, "fetch", "--quiet")
    assert git(*at, "rev-parse", "origin/from-v1") == fifth


def test_a_clone_of_many_versions_brings_them_all(
    stack: Stack, client: Client, token: str, git: Any, tmp_path: Path
) -> None:
    git("init", "--quiet", "--initial-branch=main", "source")
    for number in range(40):
        (tmp_path / "source" / "workflow.py").write_text(DOUBLED + f"# {number}\n")
        git("-C", "source", "add", ".")
        git("-C", "source", "commit", "--quiet", "--message", f"Number {number}")
    imported = bundled(client, git, tmp_path, "Of a bundle")
    assert imported.status_code == 201, imported.text
    git("clone", "--quiet", address(stack, imported.json()["id"], token), "again")
    assert git("-C", "again", "rev-list", "main") == git("-C", "source", "rev-list", "main")


def bundled(client: Client, git: Any, folder: Path, name: str, **form: str) -> Any:
    git("-C", "source", "bundle", "create", "--quiet", "../history.bundle", "--all", "HEAD")
    with (folder / "history.bundle").open("rb") as bundle:
        return client.post("/imports", files={"bundle": bundle}, data={"name": name, **form})


@pytest.fixture
def source(git: Any, tmp_path: Path) -> dict[str, str]:
    """A repository with a merge, two branches, an annotated tag, and a commit without the file; ids by message."""
    git("init", "--quiet", "--initial-branch=main", "source")
    at = ("-C", "source")

    def commit(message: str, text: str | None, name: str = "flow.py") -> None:
        if text is not None:
            (tmp_path / "source" / name).write_text(text)
        git(*at, "add", "--all")
        git(*at, "commit", "--quiet", "--allow-empty", "--message", message)

    commit("readme", "What this is.\n", "README")
    (tmp_path / "source" / "data.json").write_text("[1, 2]")  # not ours
    (tmp_path / "source" / "environment.txt").write_bytes(b"\xff==1\n")
    commit("one", DOUBLED)
    git(*at, "switch", "--quiet", "--create", "side")
    commit("two", DOUBLED + "# two\n")
    git(*at, "switch", "--quiet", "main")
    commit("three", DOUBLED + "other = 1\n")
    git(*at, "merge", "--quiet", "--no-ff", "--strategy=ours", "--message", "merged", "side")
    git(*at, "tag", "--annotate", "--message", "good", "good", "side")
    git(*at, "tag", "v1", "main")
    return {git(*at, "show", "--no-patch", "--format=%s", each): each for each in git(*at, "rev-list", "--all").split()}


def test_the_history_of_a_repository_is_taken_over_with_its_ids(
    client: Client, git: Any, tmp_path: Path, source: dict[str, str]
) -> None:
    answer = bundled(client, git, tmp_path, "Taken over", path="flow.py")
    assert answer.status_code == 201, answer.text
    workflow = answer.json()
    assert (workflow["branch"], workflow["head"], workflow["text"]) == (
        "main",
        source["merged"],
        DOUBLED + "other = 1\n",
    )
    found = client.get(f"/workflows/{workflow['id']}/versions").json()
    assert {each["message"]: each["id"] for each in found} == {
        message: commit for message, commit in source.items() if message != "readme"
    }
    outline = client.get(f"/workflows/{workflow['id']}/outline").json()
    numbers = {each["id"]: each["number"] for each in found}
    assert outline["parents"][0] == [numbers[source["three"]], numbers[source["two"]]]
    assert outline["parents"][-1] == []
    assert {each["name"]: each["version"] for each in outline["branches"]} == {
        "main": source["merged"],
        "side": source["two"],
    }
    assert {each["name"]: each["version"] for each in outline["tags"]} == {"good": source["two"]}
    again = client.post(f"/versions/{source['one']}/runs", json={"reuse": True})
    assert again.status_code == 201, again.text
    assert client.finished(again.json()["id"])["status"] == "succeeded"
    sides = {side: {"version": source[message]} for side, message in (("before", "one"), ("after", "three"))}
    compared = client.post(f"/workflows/{workflow['id']}/compare", json=sides).raise_for_status().json()
    assert compared["before"]["text"] == DOUBLED
    edited = run_of(client, workflow["id"], workflow["text"] + "# edited\n")
    newest = client.get(f"/workflows/{workflow['id']}/versions?limit=1").json()[0]
    assert (newest["id"], newest["parent"], newest["number"]) == (edited["version"], source["merged"], 5)


def test_what_cannot_be_imported_says_why_and_leaves_nothing(
    client: Client, git: Any, tmp_path: Path, source: dict[str, str], stack: Stack
) -> None:
    assert source
    kept = sorted((stack.home / "git").iterdir())
    listed = client.get("/workflows").json()
    answer = bundled(client, git, tmp_path, "No such file")
    assert answer.status_code == 422
    assert "has a file workflow.py. There are flow.py" in answer.json()["message"]
    assert answer.json()["files"] == ["flow.py"]
    broken = client.post("/imports", files={"bundle": b"# v2 git bundle\nnonsense"}, data={"name": "Broken"})
    assert (broken.status_code, broken.json()["code"]) == (422, "import-refused")
    nameless = bundled(client, git, tmp_path, "  ", path="flow.py")
    assert (nameless.status_code, nameless.json()["code"]) == (422, "name-refused")
    assert sorted((stack.home / "git").iterdir()) == kept
    assert client.get("/workflows").json() == listed


def test_the_same_history_is_not_imported_twice(client: Client, git: Any, tmp_path: Path) -> None:
    git("init", "--quiet", "--initial-branch=main", "source")
    (tmp_path / "source" / "workflow.py").write_text(DOUBLED + "# once\n")
    git("-C", "source", "add", ".")
    git("-C", "source", "commit", "--quiet", "--message", "Once")
    first = bundled(client, git, tmp_path, "Once").raise_for_status().json()
    answer = bundled(client, git, tmp_path, "Twice")
    assert answer.status_code == 422
    assert "the workflow Once already." in answer.json()["message"]
    client.delete(f"/workflows/{first['id']}").raise_for_status()
    assert "restore" in bundled(client, git, tmp_path, "Twice").json()["message"]


def test_git_is_refused_without_a_token_and_at_any_push(
    stack: Stack, client: Client, token: str, git: Any, tmp_path: Path
) -> None:
    workflow = client.created(name="Guarded")["id"]
    run_of(client, workflow, DOUBLED + "# guarded\n")
    for wrong in ("", "wrong", client.post("/access-tokens", json={"name": "gone"}).json()["token"][:-1]):
        with pytest.raises(subprocess.CalledProcessError) as refused:
            git("clone", "--quiet", address(stack, workflow, wrong), "none")
        assert "Authentication failed" in refused.value.stderr or "could not read Username" in refused.value.stderr
    with pytest.raises(subprocess.CalledProcessError) as unknown:
        git("clone", "--quiet", address(stack, "no such", token), "none")
    assert "not found" in unknown.value.stderr
    git("clone", "--quiet", address(stack, workflow, token), "copy")
    (tmp_path / "copy" / "workflow.py").write_text("x = 1\n")
    git("-C", "copy", "commit", "--quiet", "--all", "--message", "Pushed")
    with pytest.raises(subprocess.CalledProcessError) as pushed:
        git("-C", "copy", "push", "--quiet")
    assert "403" in pushed.value.stderr


def test_an_access_token_is_worth_nothing_once_it_is_deleted(stack: Stack, client: Client, git: Any) -> None:
    workflow = client.created(name="For a while")["id"]
    run_of(client, workflow, DOUBLED + "# for a while\n")
    made = client.post("/access-tokens", json={"name": "for a while"}).json()
    git("ls-remote", address(stack, workflow, made["token"]))
    listed = {each["id"]: each for each in client.get("/access-tokens").json()}
    assert listed[made["id"]]["used_at"] is not None
    assert made["token"] not in str(listed)
    assert client.delete(f"/access-tokens/{made['id']}").status_code == 204
    with pytest.raises(subprocess.CalledProcessError):
        git("ls-remote", address(stack, workflow, made["token"]))
    assert client.delete(f"/access-tokens/{made['id']}").status_code == 404


def test_what_is_no_request_of_gits_is_refused(client: Client, stack: Stack) -> None:
    workflow = client.created(name="Asked oddly")["id"]
    at = f"{stack.url}/git/{workflow}.git"
    for body in (b"nonsense", b"0000", b"0032want " + b"0" * 40 + b"\n00000009done\n"):
        assert client.post(f"{at}/git-upload-pack", content=body).status_code in (200, 400)
    headers = {"Content-Encoding": "gzip"}
    assert client.post(f"{at}/git-upload-pack", content=b"no gzip", headers=headers).status_code == 400
    assert client.get(f"{at}/info/refs?service=git-receive-pack").status_code == 403
    assert client.get(f"{at}/info/refs").status_code == 403
