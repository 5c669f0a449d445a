"""Public data sets that the examples use: where they come from, and what they must be."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from workflows.errors import HelixError, nearest

MIRROR = "HELIX_DATASETS_URL"
"""Name of the environment variable that holds an address to fetch from instead: it serves each file under its path."""

_CHUNK = 1 << 16
_TIMEOUT = 30.0  # seconds without a byte


class UnknownDataset(HelixError):
    code = "unknown-dataset"

    def __init__(self, name: str) -> None:
        near = nearest(name, DATASETS)
        hint = f"did you mean `{near}`?" if near else f"there are {', '.join(DATASETS)}."
        super().__init__(f"There is no data set `{name}`: {hint}", name=name, nearest=near)


class FetchFailed(HelixError):
    """A file could not be fetched, or is not the one that it should be; nothing was left behind."""

    code = "fetch-failed"


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """A file of a data set: its path in the data folder, where it is published, its size and SHA-256."""

    path: str
    url: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A public data set."""

    name: str
    title: str
    files: tuple[DatasetFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    def present(self, data_root: Path) -> bool:
        """Whether all its files are there, of the right size."""
        return all(_size(data_root / file.path) == file.bytes for file in self.files)


_UCI = "https://archive.ics.uci.edu/ml/machine-learning-databases"
_GITHUB = "https://raw.githubusercontent.com"
_MNIST = "https://storage.googleapis.com/cvdf-datasets/mnist"

DATASETS = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            "adult",
            "UCI Adult (Census Income)",
            (
                DatasetFile(
                    "adult/adult.data",
                    f"{_UCI}/adult/adult.data",
                    3974305,
                    "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
                ),
                DatasetFile(
                    "adult/adult.test",
                    f"{_UCI}/adult/adult.test",
                    2003153,
                    "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
                ),
            ),
        ),
        Dataset(
            "ner-gmb",
            "Named entities in news text (Groningen Meaning Bank)",
            (
                DatasetFile(
                    "ner-gmb/ner_dataset.csv.gz",
                    f"{_GITHUB}/sheshan-doye-konvergeai/Myrepo/a927ebd7fc288c5f8d65a04028b62e9822b7cdf1/ner_dataset.csv.gz",
                    3238871,
                    "f8769222adacd2a8cd4b78177271cfb5c5b0f1273f408edfffcd295ae4bf38e7",
                ),
            ),
        ),
        Dataset(
            "mnist",
            "MNIST handwritten digits",
            tuple(
                DatasetFile(f"mnist/{name}-ubyte.gz", f"{_MNIST}/{name}-ubyte.gz", size, digest)
                for name, size, digest in (
                    (
                        "train-images-idx3",
                        9912422,
                        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                    ),
                    (
                        "train-labels-idx1",
                        28881,
                        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                    ),
                    (
                        "t10k-images-idx3",
                        1648877,
                        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                    ),
                    (
                        "t10k-labels-idx1",
                        4542,
                        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                    ),
                )
            ),
        ),
        Dataset(
            "sms-spam",
            "SMS Spam Collection",
            (
                DatasetFile(
                    "sms-spam/SMSSpamCollection",
                    f"{_GITHUB}/maze-runnar/SMS-spam-detection/fc58dd2f68434dfb55ad1fc3f9a6544f332f9732/"
                    "smsspamcollection/SMSSpamCollection",
                    477907,
                    "7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d",
                ),
            ),
        ),
    )
}
"""All data sets by name."""


def of_path(path: str) -> Dataset | None:
    """The data set that a path of the data folder belongs to, if any."""
    return next((dataset for dataset in DATASETS.values() if any(file.path == path for file in dataset.files)), None)


def _silent(done: int, total: int) -> None:  # noqa: ARG001 - what a progress callback takes
    return


def fetch(name: str, data_root: Path, progress: Callable[[int, int], None] = _silent) -> Dataset:
    """Fetch the files of a data set that are not there yet. ``progress`` is told the bytes done and the bytes in all.

    A file is written under another name, checked and renamed, so that what is there is always whole. Raises
    UnknownDataset or FetchFailed.
    """
    dataset = DATASETS.get(name)
    if dataset is None:
        raise UnknownDataset(name)
    done = 0
    for file in dataset.files:
        target = data_root / file.path
        if _size(target) != file.bytes:
            _fetch(file, target, lambda got, before=done: progress(before + got, dataset.bytes))  # type: ignore[misc]
        done += file.bytes
        progress(done, dataset.bytes)
    return dataset


def _fetch(file: DatasetFile, target: Path, progress: Callable[[int], None]) -> None:
    mirror = os.environ.get(MIRROR)
    address = f"{mirror.rstrip('/')}/{file.path}" if mirror else file.url
    partial = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = _download(address, partial, file.bytes, progress)
        if digest != file.sha256:
            raise FetchFailed(
                f"{address} does not give the file that is expected (SHA-256 {digest}); nothing was kept."
            )
        os.replace(partial, target)
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise FetchFailed(
            f"{address} could not be fetched: {reason}. Put the file at {target} by hand, or set {MIRROR} to a mirror."
        ) from None
    finally:
        partial.unlink(missing_ok=True)


def _download(address: str, target: Path, expected: int, progress: Callable[[int], None]) -> str:
    """Stream the address into the file; its SHA-256. Stops where there is more than is expected."""
    hasher, got = hashlib.sha256(), 0
    with urllib.request.urlopen(address, timeout=_TIMEOUT) as response, target.open("wb") as out:
        while chunk := response.read(_CHUNK):
            got += len(chunk)
            if got > expected:
                break
            hasher.update(chunk)
            out.write(chunk)
            progress(got)
        out.flush()
        os.fsync(out.fileno())
    return hasher.hexdigest()


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
