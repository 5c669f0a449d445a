"""Where tests find data: HELIX_DATA, else ``shared/data`` beside the project, else files made here with its quirks."""

from __future__ import annotations

import gzip
import json
import os
import struct
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "data"

_EDUCATION = (
    *("HS-grad", "Some-college", "Bachelors", "Masters", "Assoc-voc", "11th", "Assoc-acdm", "10th", "7th-8th"),
    *("Prof-school", "9th", "12th", "Doctorate", "5th-6th", "1st-4th", "Preschool"),
)
_OCCUPATION = (
    *("Prof-specialty", "Craft-repair", "Exec-managerial", "Adm-clerical", "Sales", "Other-service"),
    *("Machine-op-inspct", "Transport-moving", "Handlers-cleaners", "Farming-fishing", "Tech-support"),
    *("Protective-serv", "Priv-house-serv", "Armed-Forces"),
)
_WORKCLASS = ("Private", "Self-emp-not-inc", "Local-gov", "State-gov", "Self-emp-inc", "Federal-gov")
_MARITAL = ("Married-civ-spouse", "Never-married", "Divorced", "Separated", "Widowed")
_RELATIONSHIP = ("Husband", "Not-in-family", "Own-child", "Unmarried", "Wife")
_RACE = ("White", "Black", "Asian-Pac-Islander", "Other")
_COUNTRY = ("United-States", "Mexico", "Philippines", "Germany", "Canada")


@cache
def data_folder() -> Path:
    """A folder with the data sets that tests read. Nobody may write to it."""
    given = os.environ.get("HELIX_DATA")
    for folder in (Path(given) if given else BESIDE, BESIDE):
        if (folder / "adult" / "adult.data").exists():
            return folder.resolve()
    made = Path(tempfile.mkdtemp(prefix="helix-data-"))
    make_adult(made / "adult")
    return made


def make_adult(folder: Path, *, train: int = 32561, test: int = 16281) -> None:
    """Files like UCI Adult's: comma and space between values, `` ?`` for nulls, no header, ``adult.test`` with its
    first line and its full stops after labels, an empty line at the end of each, a few duplicate rows."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = _rows(np.random.default_rng(1994), train + test)
    rows[24:48] = rows[:24]
    (folder / "adult.data").write_text("".join(f"{row}\n" for row in rows[:train]) + "\n")
    lines = "".join(f"{row}.\n" for row in rows[train:])
    (folder / "adult.test").write_text(f"|1x3 Cross validator\n{lines}\n")


def _rows(random: np.random.Generator, count: int) -> list[str]:
    def chosen(values: tuple[str, ...], missing: float = 0.0) -> Any:
        weights = 1.0 / np.arange(1, len(values) + 1)
        picked = np.array(values, dtype=object)[random.choice(len(values), count, p=weights / weights.sum())]
        picked[random.random(count) < missing] = "?"
        return picked

    age = np.clip(random.gamma(6.0, 6.5, count).astype(int), 17, 90)
    education, occupation, marital = chosen(_EDUCATION), chosen(_OCCUPATION, 0.057), chosen(_MARITAL)
    education_num = np.array([16 - _EDUCATION.index(value) for value in education])
    gain = np.where(random.random(count) < 0.08, random.integers(100, 99999, count), 0)
    loss = np.where(random.random(count) < 0.047, random.integers(155, 4356, count), 0)
    hours = np.clip(random.normal(40, 12, count).astype(int), 1, 99)
    skilled = np.isin(occupation, ("Exec-managerial", "Prof-specialty"))
    score = 0.05 * (age - 38) + 0.35 * (education_num - 10) + 0.9 * skilled + 1.6 * (marital == _MARITAL[0])
    score += 0.0006 * loss + 0.02 * (hours - 40) - 2.6
    rich = random.random(count) < 1.0 / (1.0 + np.exp(-score))
    columns: list[Any] = [
        *(age, chosen(_WORKCLASS, 0.056), random.integers(12285, 1484705, count), education, education_num, marital),
        *(occupation, chosen(_RELATIONSHIP), chosen(_RACE), chosen(("Male", "Female")), gain, loss, hours),
        *(chosen(_COUNTRY, 0.018), np.where(rich, ">50K", "<=50K")),
    ]
    return [", ".join(map(str, values)) for values in zip(*columns, strict=True)]


def vega(name: str) -> bytes:
    """A file of ``vega-small``, or one with the same columns and quirks."""
    path = data_folder() / "vega-small" / name
    return path.read_bytes() if path.exists() else _VEGA[name]()


def mnist(name: str) -> bytes:
    """A file of MNIST, or one of 300 images in its format."""
    path = data_folder() / "mnist" / name
    if path.exists():
        return path.read_bytes()
    random = np.random.default_rng(1998)
    shape = (300, 28, 28) if "idx3" in name else (300,)
    values = random.integers(0, 256 if "idx3" in name else 10, shape).astype(np.uint8)
    return gzip.compress(struct.pack(f">I{len(shape)}I", 0x0800 + len(shape), *shape) + values.tobytes())


def _cars() -> bytes:
    random = np.random.default_rng(1982)
    return _json(
        {
            "Name": f"car {number % 300}",
            "Miles_per_Gallon": None if number % 50 == 7 else float(random.integers(9, 47)),
            "Cylinders": int(random.choice([3, 4, 5, 6, 8])),
            "Horsepower": None if number % 68 == 9 else int(random.integers(46, 231)),
            "Year": f"19{70 + number % 13}-01-01",
            "Origin": ("USA", "Japan", "Europe")[number % 3],
        }
        for number in range(406)
    )


def _penguins() -> bytes:
    random = np.random.default_rng(2007)
    return _json(
        {
            "Species": ("Adelie", "Chinstrap", "Gentoo")[number % 3],
            "Beak Length (mm)": None if number % 172 == 3 else round(float(random.normal(44, 5)), 1),
            "Body Mass (g)": None if number % 172 == 3 else int(random.integers(2700, 6301)),
            "Sex": None if number % 34 == 3 else "." if number == 336 else ("MALE", "FEMALE")[number % 2],
        }
        for number in range(344)
    )


def _gapminder() -> bytes:
    random = np.random.default_rng(1955)
    return _json(
        {
            "year": 1955 + 5 * (number % 11),
            "country": f"country {number // 11}",
            "cluster": number % 6,
            "pop": int(random.integers(10**5, 10**9)),
            "life_expect": round(float(random.normal(65, 10)), 3),
        }
        for number in range(682)
    )


def _movies() -> bytes:
    random = np.random.default_rng(2046)
    return _json(
        {
            "Title": None if number == 1000 else 1 + number if number % 350 == 17 else f"film {number}",
            "US Gross": int(random.integers(0, 10**9)),
            "US DVD Sales": None if number % 6 else int(random.integers(10**5, 10**8)),
            "Release Date": f"Jan {1 + number % 28:02} {1998 + number % 49}",
            "Director": None if number % 5 < 2 else f"director {number % 400}",
            "IMDB Rating": None if number % 15 == 4 else round(float(random.uniform(1, 9)), 1),
        }
        for number in range(3201)
    )


def _earthquakes() -> bytes:
    random = np.random.default_rng(1707)
    features = [
        {
            "type": "Feature",
            "properties": {
                "mag": round(float(random.gamma(2.0, 0.9)), 2),
                "place": f"{number % 90}km N of somewhere",
                "tz": None if number % 9 else -480,
                "felt": None,
            },
            "geometry": {"type": "Point", "coordinates": [round(float(x), 3) for x in random.uniform(-90, 90, 3)]},
            "id": f"ak{number}",
        }
        for number in range(1707)
    ]
    return json.dumps({"type": "FeatureCollection", "metadata": {"count": 1707}, "features": features}).encode()


def _birdstrikes() -> bytes:
    random = np.random.default_rng(1990)
    lines = ["Airport Name,Effect Amount of damage,Flight Date,Speed IAS in knots,Cost Total $,Wildlife Size"]
    for number in range(2000):
        speed = "" if random.random() < 0.28 else int(random.integers(20, 350))
        damage = ("None", "Minor", "Substantial", "Medium")[int(random.random() ** 4 * 4)]
        name = f'"AIRPORT ""{number % 90}"", NORTH"' if number % 50 == 0 else f"AIRPORT {number % 90}"
        lines.append(f"{name},{damage},1/{1 + number % 28}/90 0:00,{speed},{int(random.gamma(0.1, 9000))},Small")
    return "\n".join([*lines, ""]).encode()


def _series() -> bytes:
    random = np.random.default_rng(2012)
    lines = ["date,symbol,price,count,wind"]
    for number in range(500):
        lines.append(f"Jan {1 + number % 28} 2000,S{number % 5},{random.normal(90, 9):.2f},{number * 7},{number % 9}.0")
    return "\r\n".join(lines).encode()


def ner() -> bytes:
    """The tokens of ``ner-gmb``, or 20,000 made ones: latin-1, CR LF, `None` as a word, words of white space."""
    path = data_folder() / "ner-gmb" / "ner_dataset.csv.gz"
    if path.exists():
        return path.read_bytes()
    random = np.random.default_rng(2013)
    words = ("Thousands", "None", "caf\xe9", "\x85", " ", '","', '""""', "5.5", "of", "London")
    lines = ["Sentence #,Word,POS,Tag"]
    for number in range(20_000):
        sentence = f"Sentence: {1 + number // 20}" if number % 20 == 0 else ""
        lines.append(f"{sentence},{words[int(random.integers(len(words)))]},NN,{('O', 'B-per')[number % 7 == 0]}")
    return gzip.compress("\r\n".join([*lines, ""]).encode("latin-1"))


def sms() -> bytes:
    """The messages of ``sms-spam``, or 1,000 made ones: a tab between label and text, quotes that mean nothing."""
    path = data_folder() / "sms-spam" / "SMSSpamCollection"
    if path.exists():
        return path.read_bytes()
    texts = ('He said "ok', "Win £1000, now!", '"quoted" lar...', "it's ü", "NA", "5")
    return "".join(f"{('ham', 'spam')[number % 6 == 0]}\t{texts[number % 6]}\n" for number in range(1000)).encode()


def _json(rows: Iterable[dict[str, Any]]) -> bytes:
    return json.dumps(list(rows)).encode()


_VEGA: Mapping[str, Callable[[], bytes]] = {
    "birdstrikes.csv": _birdstrikes,
    **dict.fromkeys(("disasters.csv", "github.csv", "seattle-weather.csv", "stocks.csv", "weather.csv"), _series),
    "us-employment.csv": _series,
    "cars.json": _cars,
    "penguins.json": _penguins,
    "gapminder.json": _gapminder,
    "movies.json": _movies,
    "earthquakes.json": _earthquakes,
}
