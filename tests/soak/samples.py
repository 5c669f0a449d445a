"""Small data for the example workflows: the first rows of what tests find, and made ones where there are none."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.data import data_folder
from tests.soak.edits import Pool
from tests.workflows.texts import EXAMPLES

WORDS = (
    *("the", "a", "free", "call", "now", "you", "me", "love", "win", "prize", "cash", "meet", "home", "late"),
    *("urgent", "text", "reply", "soon", "okay", "night"),
)
NAMES = ("Smith", "Jones", "Obama", "Merkel", "Putin", "Annan", "Castro", "Chavez")


HEAD = """\
{imports}
from tools import shade
from sklearn.decomposition import PCA


def brightness(batch):
    return [shade(float(image.mean())) for image in batch["pixels"]]


"""


@dataclass(frozen=True, slots=True)
class Sample:
    """An example workflow with data of its own. ``make`` writes the data into an empty folder; ``rows`` are the files
    whose lines may be altered, and doubled."""

    name: str
    make: Callable[[Path], None]
    files: tuple[str, ...]
    pool: Pool
    imports: str

    @property
    def text(self) -> str:
        """The example, its vectors as short as these data want, with what edits may use at hand: a function of lib/, a
        transformer, a function."""
        text = (EXAMPLES / f"{self.name}.py").read_text().replace("2**18", "2**12")
        start = text.index('"""', 3) + 4
        return f"{text[:start]}{HEAD.format(imports=self.imports)}{text[start:]}"


def _census(folder: Path) -> None:
    source = data_folder() / "adult"
    (folder / "adult").mkdir()
    for name, count in (("adult.data", 500), ("adult.test", 301)):
        lines = (source / name).read_text().splitlines(keepends=True)[:count]
        (folder / "adult" / name).write_text("".join(lines))


def _topics(folder: Path) -> None:
    chance = random.Random(5)
    found = data_folder() / "sms-spam" / "SMSSpamCollection"
    if found.exists():
        lines = found.read_text(encoding="utf-8").splitlines()[:300]
    else:
        kinds = ("ham", "ham", "ham", "spam")
        lines = [f"{chance.choice(kinds)}\t{' '.join(chance.choices(WORDS, k=12))}" for _ in range(300)]
    (folder / "sms-spam").mkdir()
    (folder / "sms-spam" / "SMSSpamCollection").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _mentions(folder: Path) -> None:
    chance = random.Random(6)
    found = data_folder() / "ner-gmb" / "ner_dataset.csv.gz"
    if found.exists():
        with gzip.open(found, "rt", encoding="latin-1") as file:
            lines = [next(file) for _ in range(700)]
    else:
        lines = ["Sentence #,Word,POS,Tag\n"]
        for number in range(50):
            for place in range(14):
                first = f"Sentence: {number + 1}" if place == 0 else ""
                name = chance.random() < 0.15
                word, tag = (chance.choice(NAMES), "NNP,B-per") if name else (chance.choice(WORDS), "NN,O")
                lines.append(f"{first},{word},{tag}\n")
    (folder / "ner-gmb").mkdir()
    with gzip.open(folder / "ner-gmb" / "ner_dataset.csv.gz", "wt", encoding="latin-1", compresslevel=1) as file:
        file.writelines(lines)


def _digits(folder: Path) -> None:
    """Images of 28 × 28 in the idx format: a blot for each digit, and noise."""
    chance = np.random.default_rng(7)
    (folder / "mnist").mkdir()
    for part, count in (("train", 150), ("t10k", 80)):
        labels = chance.integers(0, 10, count).astype(np.uint8)
        images = chance.integers(0, 60, (count, 28, 28)).astype(np.uint8)
        for number, label in enumerate(labels):
            row, column = 2 + 5 * (label // 2), 4 + 12 * (label % 2)
            images[number, row : row + 5, column : column + 8] += 150
        for kind, header, body in (
            ("images-idx3", (2051, count, 28, 28), images),
            ("labels-idx1", (2049, count), labels),
        ):
            content = np.array(header, dtype=">i4").tobytes() + body.tobytes()
            with gzip.open(folder / "mnist" / f"{part}-{kind}-ubyte.gz", "wb", compresslevel=1) as file:
                file.write(content)


SAMPLES = (
    Sample(
        "census",
        _census,
        ("adult/adult.data", "adult/adult.test"),
        Pool(
            (
                *('Field(rows, "marital_status")', 'Bucketizer(Field(rows, "hours_per_week"), bins=8)', "age"),
                *('Hash([education, Field(rows, "sex")], size=16)', 'TfIdf(Field(rows, "occupation"))'),
                *('Interaction(education, Field(rows, "sex"))', 'Extractor(age, shade, each="value")'),
                *('Scale(Field(rows, "capital_gain"), method="minmax")', "Extractor(age, lambda b: b * 2)"),
                'Impute(Field(rows, "fnlwgt"), strategy="median")',
            ),
            (
                *(
                    "F1(predictions)",
                    'Accuracy(predictions, by=Field(rows, "sex"))',
                    "Reducer(model, lambda m: m.coef_.sum())",
                ),
                *('Accuracy(predictions, split="train")', "Reducer(age, lambda b: float(b.iloc[:, 0].mean()))"),
                'Reducer(predictions["train"], predictions["test"], lambda a, b: len(a) - len(b))',
            ),
            (
                "LogisticRegression(C=0.5, max_iter=50)",
                'LogisticRegression(C=0.02, l1_ratio=1.0, solver="liblinear")',
                'SGDClassifier(loss="log_loss", penalty="l1", alpha=0.03, max_iter=5, tol=None)',
            ),
        ),
        "from sklearn.linear_model import SGDClassifier",
    ),
    Sample(
        "mentions",
        _mentions,
        ("ner-gmb/ner_dataset.csv.gz",),
        Pool(
            (
                *("prefix", "title", "lower[1]", 'Field(rows, "pos")', "Hash([suffix, *shapes], size=64)"),
                *('Extractor(word, len, each="value")', "Extractor(word, lambda w: shade(len(w)), each='value')"),
                'Extractor(rows, lambda b: b["sentence"] % 3, each="group", by="sentence")',
            ),
            (
                *(
                    "Accuracy(predictions)",
                    'Reducer(rows["train"], lambda b: len(b))',
                    "ConfusionMatrix(predictions)",
                ),
                *("Reducer(predictions, lambda p: p.groupby('label').size())", 'F1(predictions, average="macro")'),
            ),
            (
                'SGDClassifier(loss="log_loss", penalty="l1", alpha=0.01, max_iter=5, tol=None)',
                'LogisticRegression(C=0.5, l1_ratio=1.0, solver="saga", max_iter=10)',
            ),
        ),
        "from sklearn.linear_model import LogisticRegression",
    ),
    Sample(
        "digits",
        _digits,
        (),
        Pool(
            (
                *("pixels", "Transform(pixels, PCA(n_components=5))", "Scale(Extractor(rows, brightness))"),
                "Extractor(pixels, lambda b: np.stack(b.iloc[:, 0])[:, :3] * 2)",
            ),
            (
                *(
                    'F1(predictions, average="macro")',
                    'Accuracy(predictions, split="train")',
                    "Accuracy(predictions)",
                ),
                "Reducer(predictions, lambda p: p.iloc[:, 1:3])",
            ),
            ('SGDClassifier(penalty="l1", alpha=0.01, max_iter=5, tol=None)', "RidgeClassifier(alpha=2.0)"),
        ),
        "from sklearn.linear_model import RidgeClassifier",
    ),
    Sample(
        "topics",
        _topics,
        ("sms-spam/SMSSpamCollection",),
        Pool(
            ("reduced", "terms", 'Extractor(Field(rows, "text"), lambda t: len(t or ""), each="value")'),
            (
                *(
                    "Silhouette(clusters, messages, sample=100)",
                    'Reducer(rows, lambda b: b["kind"].value_counts())',
                ),
                *(
                    "Reducer(clusters, lambda p: p.groupby('prediction').size())",
                    "Reducer(model, lambda m: m.inertia_)",
                ),
            ),
            ("KMeans(n_clusters=3)", "MiniBatchKMeans(n_clusters=4)"),
        ),
        "from sklearn.cluster import MiniBatchKMeans",
    ),
)
