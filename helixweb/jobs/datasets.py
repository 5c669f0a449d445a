"""Fetching public data sets in the background: a row tells how far it is, and every open page is told of each step."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from ninja import Schema

from helixweb.jobs.services import enqueue
from helixweb.models import DatasetFetch
from helixweb.realtime.publish import EVERYBODY, publish
from workflows.errors import HelixError
from workflows.execution.datasets import DATASETS, Dataset, UnknownDataset, fetch

SILENCE: Final = timedelta(seconds=45)  # longer than a download may pause
STEP: Final = 0.2  # seconds between two reports of progress
INTERRUPTED: Final = "The fetch was interrupted. Start it again."


class DatasetOut(Schema):
    """``progress`` is between 0 and 1 while the data set is fetched, else null."""

    name: str
    title: str
    bytes: int
    present: bool
    status: Literal["absent", "fetching", "present", "failed"]
    message: str
    progress: float | None


def datasets() -> list[DatasetOut]:
    """Every public data set, and whether it is there."""
    rows = DatasetFetch.objects.in_bulk(list(DATASETS))
    return [_out(dataset, rows.get(name)) for name, dataset in DATASETS.items()]


def _one(name: str) -> DatasetOut:
    return _out(DATASETS[name], DatasetFetch.objects.filter(name=name).first())


def _out(dataset: Dataset, row: DatasetFetch | None) -> DatasetOut:
    status: Literal["absent", "fetching", "present", "failed"] = "absent"
    message = ""
    present = dataset.present(settings.DATA_ROOT)
    if present:
        status = "present"
    elif row is not None and _under_way(row):
        status = "fetching"
    elif row is not None and row.status != "done":  # what was fetched once may have been removed since
        status, message = "failed", row.message or INTERRUPTED
    progress = row.done / dataset.bytes if row is not None and status == "fetching" else None
    return DatasetOut(
        name=dataset.name,
        title=dataset.title,
        bytes=dataset.bytes,
        present=present,
        status=status,
        message=message,
        progress=progress,
    )


def _under_way(row: DatasetFetch) -> bool:
    return row.status in ("queued", "fetching") and row.updated_at > timezone.now() - SILENCE


def request_fetch(name: str) -> DatasetOut:
    """Have a data set fetched, unless that is under way. Raises UnknownDataset."""
    if name not in DATASETS:
        raise UnknownDataset(name)
    with transaction.atomic():
        row = DatasetFetch.objects.filter(name=name).first()
        if row is None or not _under_way(row):
            DatasetFetch.objects.update_or_create(
                name=name, defaults={"status": "queued", "message": "", "done": 0, "updated_at": timezone.now()}
            )
            transaction.on_commit(lambda: enqueue("fetch_dataset", name))
    return _tell(name)


def fetch_dataset(name: str) -> None:
    """Fetch a data set that was asked for. A message that comes twice finds the fetch taken, and does nothing."""
    if not _move(name, "queued", status="fetching"):
        return
    _tell(name)
    told = time.monotonic()

    def progress(done: int, _: int) -> None:
        nonlocal told
        if time.monotonic() - told > STEP:
            told = time.monotonic()
            _move(name, "fetching", done=done)
            _tell(name)

    try:
        fetch(name, settings.DATA_ROOT, progress)
    except HelixError as error:
        _move(name, "fetching", status="failed", message=error.message)
    else:
        _move(name, "fetching", status="done")
    _tell(name)


def _move(name: str, expected: str, **changes: object) -> bool:
    rows = DatasetFetch.objects.filter(name=name, status=expected)
    return bool(rows.update(updated_at=timezone.now(), **changes))


def _tell(name: str) -> DatasetOut:
    dataset = _one(name)
    publish(EVERYBODY, {"type": "dataset.changed", "dataset": dataset.dict()})
    return dataset
