"""The baseline: MNIST by hand, with scikit-learn. Prints its seconds after imports, and its accuracy."""

from __future__ import annotations

import gzip
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import SGDClassifier

LEARNED = 20_000


def idx(path: Path) -> Any:
    """The bytes of an idx file, in its dimensions."""
    with gzip.open(path) as file:
        dimensions = file.read(4)[3]
        shape = [int.from_bytes(file.read(4), "big") for _ in range(dimensions)]
        return np.frombuffer(file.read(), np.uint8).reshape(shape)


def results(data: Path, learned: int = LEARNED) -> dict[str, float]:
    images, labels = [], []
    for split in ("train", "t10k"):
        found = idx(data / "mnist" / f"{split}-images-idx3-ubyte.gz")[:learned]
        images.append(found.reshape(len(found), -1).astype(np.float32) / 255)
        labels.append(idx(data / "mnist" / f"{split}-labels-idx1-ubyte.gz")[:learned])
    kernel = RBFSampler(gamma=0.02, n_components=1000, random_state=0).fit(images[0])
    model = SGDClassifier(alpha=1e-4, max_iter=10, tol=None, random_state=0)
    model.fit(kernel.transform(images[0]), labels[0])
    return {"accuracy": float((model.predict(kernel.transform(images[1])) == labels[1]).mean())}


if __name__ == "__main__":
    began = time.perf_counter()
    found = results(Path(sys.argv[1]))
    print(f"{time.perf_counter() - began:.4f} {found['accuracy']:.5f}")
