"""Small data for the examples: the beginnings of the real files where there are any, else files made like them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from tests.data import data_folder, make_adult

_MNIST = {"train": 2000, "t10k": 500}  # images of each split
_WORDS = ("the", "Senate", "said", "on", "Monday", "that", "talks", "with", "Iran", "will", "begin", "in", "2006", ".")
_NAMES = ("Bush", "Hugo Chavez", "Annan", "Ariel Sharon", "Blair", "Lech Walesa")
_TOPICS = (("free", "prize", "call", "now", "win"), ("home", "later", "ok", "sorry", "soon"))


def sample(folder: Path) -> Path:
    """The folder, with data for every example: 2,000 lines of Adult, 25,000 tokens, 2,500 images, 1,000 messages."""
    _adult(folder / "adult")
    _mentions(folder / "ner-gmb" / "ner_dataset.csv.gz")
    _digits(folder / "mnist")
    _messages(folder / "sms-spam" / "SMSSpamCollection")
    return folder


def _adult(folder: Path) -> None:
    source = data_folder() / "adult"
    if not (source / "adult.data").exists():
        make_adult(folder, train=2000, test=1000)
        return
    folder.mkdir(parents=True)
    for name in ("adult.data", "adult.test"):
        with (source / name).open() as file:
            (folder / name).write_text("".join(islice(file, 2000)))


def _mentions(path: Path) -> None:
    path.parent.mkdir(parents=True)
    source = data_folder() / "ner-gmb" / path.name
    if source.exists():
        with gzip.open(source, "rt", encoding="latin-1", newline="") as file:
            lines = list(islice(file, 25_001))
    else:
        lines = ["Sentence #,Word,POS,Tag\r\n", *_tokens(np.random.default_rng(1))]
    with gzip.open(path, "wt", encoding="latin-1", newline="") as file:
        file.writelines(lines)


def _tokens(random: np.random.Generator) -> Iterator[str]:
    for sentence in range(1200):
        first = f"Sentence: {sentence + 1}"
        for _ in range(random.integers(2, 9)):
            if random.random() < 0.2:
                words = random.choice(_NAMES).split()
                tagged = [(word, "NNP", "B-per" if place == 0 else "I-per") for place, word in enumerate(words)]
            else:
                tagged = [(random.choice(_WORDS), "NN", random.choice(("O", "O", "B-geo")))]
            for word, pos, tag in tagged:
                yield f"{first},{word},{pos},{tag}\r\n"
                first = ""


def _digits(folder: Path) -> None:
    folder.mkdir(parents=True)
    random = np.random.default_rng(2)
    prototypes = random.integers(0, 256, (10, 28, 28))
    for split, count in _MNIST.items():
        names = [f"{split}-images-idx3-ubyte.gz", f"{split}-labels-idx1-ubyte.gz"]
        sources = [data_folder() / "mnist" / name for name in names]
        if sources[0].exists():
            with gzip.open(sources[0]) as images, gzip.open(sources[1]) as labels:
                images.read(16), labels.read(8)
                content = [images.read(count * 784), labels.read(count)]
        else:
            label = random.integers(0, 10, count)
            noisy = np.clip(prototypes[label] + random.normal(0, 60, (count, 28, 28)), 0, 255)
            content = [noisy.astype(np.uint8).tobytes(), label.astype(np.uint8).tobytes()]
        for name, shape, pixels in zip(names, [(count, 28, 28), (count,)], content, strict=True):
            head = bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
            (folder / name).write_bytes(gzip.compress(head + pixels))


def _messages(path: Path) -> None:
    path.parent.mkdir(parents=True)
    source = data_folder() / "sms-spam" / path.name
    if source.exists():
        with source.open(encoding="utf-8") as file:
            path.write_text("".join(islice(file, 1000)), encoding="utf-8")
        return
    random = np.random.default_rng(3)
    lines = [f'{("spam", "ham")[topic]}\t"{" ".join(random.choice(_TOPICS[topic], 7))}' for topic in [0, 1] * 500]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
