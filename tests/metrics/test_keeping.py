from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from helixweb import auth
from metrics import services
from metrics.keeping import joined
from metrics.models import Run
from metrics.recorder import Recorder
from versions.models import Version
from workflows.events import NodePlanned, RunStarted
from workflows.hashing import Signature
from workflows.models import Workflow
from workflows.ports import Measurement, Use
from workflows.services import store
from workflows.signals import plan_changed
from workflows.store.codecs import stage

pytestmark = pytest.mark.django_db

LEARNED, PREDICTED, COUNTED = (Signature(letter * 64) for letter in "abc")


@pytest.fixture
def client() -> Client:
    client = Client(headers={"host": "127.0.0.1:8000"})
    assert client.post("/api/session", {"token": auth.new_token()}, content_type="application/json").status_code == 204
    return client


def keep(value: Any, signature: Signature, seconds: float = 0.5, operator: str = "Reducer") -> str:
    """Store a result, and give the digest of its bytes."""
    staging = store().staging()
    staged = stage(value, signature, staging)
    measured = Measurement(signature, operator, True, seconds, 10, staged.bytes)
    assert store().adopt(staging, [staged], [measured]) == [staged]
    store().discard(staging)
    return staged.digest


def ran(version: Version, nodes: dict[str, Sequence[Signature]]) -> None:
    """A run of a version whose nodes have parts of these signatures."""
    run = services.queue(version, reuse=True, force=[])
    claimed = services.claim(run.id, "one")
    assert claimed is not None
    planned = [
        NodePlanned(name, "Reducer", "compute", True, "", 0.1, parts[-1], tuple(parts[:-1]))
        for name, parts in nodes.items()
    ]
    Recorder(claimed).write([RunStarted(1, 0.5), *planned])
    services.finish(run.id, "one", "succeeded", seconds=0.5, message="")
    store().catalog.ledger.use(
        version.workflow_id, [Use(signature, name) for name, parts in nodes.items() for signature in parts]
    )


@pytest.fixture
def following(version: Version) -> Callable[[int], Version]:
    """Makes the workflow's version of a number."""

    def make(number: int) -> Version:
        return Version.objects.create(
            id=f"{number:040x}",
            workflow_id=version.workflow_id,
            number=number,
            tree="c" * 40,
            created_at=timezone.now(),
        )

    return make


def kept(client: Client, workflow: str, **asked: Any) -> Any:
    return client.get(f"/api/workflows/{workflow}/store", asked).json()


def do(client: Client, what: str, *digests: str) -> Any:
    answer = client.post(f"/api/store/{what}", {"digests": digests}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def numbers(result: dict[str, Any]) -> list[tuple[int, int]]:
    return [(span["first"], span["last"]) for span in result["versions"]]


def test_a_result_is_told_with_every_version_that_has_any_of_its_parts(
    client: Client, version: Version, following: Callable[[int], Version]
) -> None:
    learned, predicted = keep(["weights"], LEARNED), keep(["predictions"], PREDICTED)
    versions = [version, *map(following, (2, 3, 5))]
    for each in versions:
        ran(each, {"model": [LEARNED, PREDICTED] if each.number != 3 else [LEARNED, COUNTED]})
    found = {each["digest"]: each for each in kept(client, version.workflow_id)["results"]}
    assert numbers(found[learned]) == [(1, 3), (5, 5)]
    assert numbers(found[predicted]) == [(1, 2), (5, 5)]
    assert found[learned]["nodes"] == ["model"]
    assert found[learned]["seconds"] == 0.5


def test_versions_of_several_signatures_of_the_same_bytes_are_told_together(
    client: Client, version: Version, following: Callable[[int], Version]
) -> None:
    assert keep(7, LEARNED) == keep(7, PREDICTED)
    ran(version, {"size": [LEARNED]})
    ran(following(2), {"size": [PREDICTED]})
    (result,) = kept(client, version.workflow_id)["results"]
    assert numbers(result) == [(1, 2)]


def test_a_run_of_the_same_version_once_more_changes_nothing(client: Client, version: Version) -> None:
    keep(7, LEARNED)
    for _ in range(2):
        ran(version, {"size": [LEARNED]})
    (result,) = kept(client, version.workflow_id)["results"]
    assert numbers(result) == [(1, 1)]


def test_results_of_other_workflows_are_told_where_all_are_asked_for(client: Client, version: Version) -> None:
    mine, other = keep("mine", LEARNED), keep("other", PREDICTED)
    ran(version, {"word": [LEARNED]})
    elsewhere = Workflow.objects.create(name="Elsewhere", updated_at=timezone.now())
    second = Version.objects.create(id="d" * 40, workflow=elsewhere, number=4, tree="e" * 40, created_at=timezone.now())
    ran(second, {"word": [PREDICTED]})
    own = kept(client, version.workflow_id)
    assert [each["digest"] for each in own["results"]] == [mine]
    assert (own["matched"], own["count"]) == (1, 2), "the totals are the whole store's"
    everything = kept(client, version.workflow_id, everything=True)
    found = {each["digest"]: each for each in everything["results"]}
    assert found[other]["versions"] == [{"workflow": elsewhere.id, "first": 4, "last": 4}]
    assert everything["names"] == {version.workflow_id: "census", elsewhere.id: "Elsewhere"}
    assert len(kept(client, version.workflow_id, everything=True, limit=1)["results"]) == 1
    assert client.get("/api/workflows/nothing/store").status_code == 404


def test_evicted_results_are_gone_and_pinned_ones_stay_and_say_so(client: Client, version: Version) -> None:
    first, second = keep("first", LEARNED), keep("second" * 20_000, PREDICTED)
    ran(version, {"a": [LEARNED], "b": [PREDICTED]})
    assert do(client, "pin", first, "f" * 64) == {
        "done": [first],
        "refused": [{"digest": "f" * 64, "reason": "gone", "message": "Nothing is stored under it any more."}],
    }
    pins = {each["digest"]: each["pinned"] for each in kept(client, version.workflow_id)["results"]}
    assert pins == {first: "user", second: ""}
    told: list[str] = []
    listen = lambda workflow, **_: told.append(workflow)  # noqa: E731
    plan_changed.connect(listen)
    evicted = do(client, "evict", first, second)
    plan_changed.disconnect(listen)
    assert told == [version.workflow_id]
    assert evicted["done"] == [second]
    assert [(each["digest"], each["reason"]) for each in evicted["refused"]] == [(first, "pinned")]
    assert not (store().blobs / second).exists()
    assert do(client, "unpin", first)["done"] == [first]
    assert do(client, "evict", first)["done"] == [first]
    assert kept(client, version.workflow_id)["results"] == []
    assert store().catalog.ledger.evicted([LEARNED, PREDICTED]) == {LEARNED, PREDICTED}


def test_what_a_run_is_going_to_read_is_not_evicted(client: Client, version: Version) -> None:
    digest = keep("read", LEARNED)
    ran(version, {"a": [LEARNED]})
    store().catalog.ledger.pin("run 1", [LEARNED], 60.0)
    (refused,) = do(client, "evict", digest)["refused"]
    assert refused["reason"] == "read"
    assert "run" in refused["message"]
    store().catalog.ledger.unpin("run 1")
    assert do(client, "evict", digest)["done"] == [digest]


def test_a_run_that_is_tried_again_counts_its_version_once(version: Version) -> None:
    run = services.queue(version, reuse=True, force=[])
    for owner in ("one", "two"):
        claimed = services.claim(run.id, owner)
        assert claimed is not None
        Recorder(claimed).write([RunStarted(1, 0.5), NodePlanned("a", "Op", "prune", False, "", 0.0, LEARNED)])
        if owner == "one":
            services.interrupted(run.id, owner, "The disk was full.")
    assert Run.objects.get().version.results.count() == 1


def test_spans_are_joined_where_no_number_is_between_them() -> None:
    assert joined([(5, 6), (1, 2), (3, 3), (6, 9), (12, 12)]) == [(1, 3), (5, 9), (12, 12)]
