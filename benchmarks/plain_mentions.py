"""The baseline: person mentions by hand, with scikit-learn. Prints its seconds after imports, and F1 of mentions."""

from __future__ import annotations

import csv
import gzip
import sys
import time
from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier

SENTENCES = 20_000


def sentences(path: Path, count: int) -> list[list[tuple[str, str, str]]]:
    """Word, part of speech and tag of each token of the first sentences."""
    found: list[list[tuple[str, str, str]]] = []
    with gzip.open(path, "rt", encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file):
            if row["Sentence #"]:
                if len(found) == count:
                    break
                found.append([])
            found[-1].append((row["Word"], row["POS"], row["Tag"] if row["Tag"][1:] == "-per" else "O"))
    return found


def shape(word: str) -> str:
    kinds = ("X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word)
    return "".join(kind for kind, _ in groupby(kinds))


def features(sentence: list[tuple[str, str, str]]) -> list[list[str]]:
    """The features of each token, by the place that `examples/mentions.py` has them in."""
    words = ["", *(word for word, _, _ in sentence), ""]
    found = []
    for place, (word, pos, _) in enumerate(sentence, 1):
        near = [word, words[place - 1], words[place + 1]]
        low = word.lower()
        values = [*(each.lower() for each in near), *map(shape, near), low[:3], low[-3:]]
        values += [str(word.istitle()).lower(), str(word.isdigit()).lower(), pos]
        found.append([f"{number}={value}" for number, value in enumerate(values)])
    return found


def mentions(tags: Sequence[str], of: Sequence[int]) -> set[tuple[int, int]]:
    begins = [
        place
        for place, tag in enumerate(tags)
        if tag == "B-per" or (tag == "I-per" and (place == 0 or tags[place - 1] == "O" or of[place] != of[place - 1]))
    ]
    found = set()
    for begin, limit in pairwise([*begins, len(tags)]):
        end = begin + 1
        while end < limit and tags[end] == "I-per":
            end += 1
        found.add((begin, end))
    return found


def results(data: Path, count: int = SENTENCES) -> dict[str, float]:
    read = sentences(data / "ner-gmb" / "ner_dataset.csv.gz", count)
    hasher = FeatureHasher(2**18, input_type="string")
    parts = [[each for place, each in enumerate(read) if (place % 5 == 4) == test] for test in (False, True)]
    train, test = (hasher.transform(row for each in part for row in features(each)) for part in parts)
    tags, gold = (np.array([tag for each in part for _, _, tag in each]) for part in parts)
    model = SGDClassifier(loss="log_loss", alpha=1e-5, max_iter=10, tol=None, random_state=0).fit(train, tags)
    of = [place for place, each in enumerate(parts[1]) for _ in each]
    true, found = mentions(gold.tolist(), of), mentions(model.predict(test).tolist(), of)
    return {"f1": 2 * len(true & found) / (len(true) + len(found))}


if __name__ == "__main__":
    began = time.perf_counter()
    found = results(Path(sys.argv[1]))
    print(f"{time.perf_counter() - began:.4f} {found['f1']:.5f}")
