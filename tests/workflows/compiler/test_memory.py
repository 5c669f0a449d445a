"""A text that is compiled after others compiles to the very same as one that is compiled alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.soak.compiling import corpus
from tests.soak.grammar import Writer
from tests.soak.mutation import mutated
from tests.workflows.compiler.test_edits import RICH
from tests.workflows.texts import CENSUS
from workflows.compiler import compile_workflow
from workflows.recall import forget

SEEDS = range(30)
EDITS = 6

BROAD = "\n".join(
    [
        'data = FileSource(train="a.csv", test="b.csv")',
        "rows = CSVScanner(data)",
        "BINS = 5",
        "ONE = 1",
        "ZERO = 0.0",
        "def f(b):\n    return b",
        *(f'a{n} = Field(rows, "a{n}")\nb{n} = Bucketizer(a{n}, bins=BINS)' for n in range(12)),
        *(f"c{n} = Interaction(a{n}, b{n + 1})\nd{n} = Extractor(rows, f)" for n in range(11)),
        'filled = Impute(a2, strategy="constant", value=ZERO)',
        "hashed = Hash(a2, size=ONE)",
        "features = [Scale(a0), Impute(a1), *[Hash([c]) for c in [c0, c1]]]",
        "x = Examples(rows, features=[*features, c2, filled, hashed], label=d0)",
        'Output(x["train"])',
        "",
    ]
)

ONE_BY_ONE = {
    "a line more": ("rows =", "# it\nrows ="),
    "a line less": ("BINS = 5\n", ""),
    "a constant": ("BINS = 5", "BINS = 6"),
    "a constant of another type": ("BINS = 5", "BINS = 5.0"),
    "a constant that is none": ("BINS = 5", 'BINS = "x"'),
    "True for 1": ("ONE = 1", "ONE = True"),
    "another zero": ("ZERO = 0.0", "ZERO = -0.0"),
    "another kind of the same rows": ('a6 = Field(rows, "a6")', "a6 = Examples(rows, features=[a5], label=a5)"),
    "a constant that became a node": ("BINS = 5", 'BINS = Field(rows, "n")'),
    "other splits": ('train="a.csv", test="b.csv"', 'train="a.csv", dev="b.csv"'),
    "one split": ('train="a.csv", test="b.csv"', '"a.csv"'),
    "another operator": ('a3 = Field(rows, "a3")', "a3 = Map(rows, f)"),
    "another basis": ("a4 = Field(rows,", "a4 = Field(CSVScanner(data),"),
    "a name bound twice": ('a5 = Field(rows, "a5")', 'a4 = Field(rows, "a5")'),
    "a function of two": ("def f(b)", "def f(b, c)"),
    "a function with a default": ("def f(b)", "def f(b, c=1)"),
    "a class for a function": ("def f(b):\n    return b", "class f:\n    pass"),
    "a lambda for a function": ("def f(b):\n    return b", "f = lambda b: b + missing"),
    "an import for a function": ("def f(b):\n    return b", "from numpy import sqrt as f"),
    "a function gone": ("def f(b):\n    return b\n", ""),
    "a function moved": ("ZERO = 0.0\ndef f(b):\n    return b\n", "def f(b):\n    return b\nZERO = 0.0\n"),
    "a name for a built-in": ("BINS = 5", "BINS = 5\nsorted = 3"),
    "an alias of an operator": ("BINS = 5", "BINS = 5\nfrom helixweb.dsl import Scale as Field"),
    "a string over lines": ("BINS = 5", 'BINS = """\na7 = Field(rows, "zz")\n"""\nBINS = 5'),
    "a bracket over lines": ("BINS = 5", "BINS = (\n5\n)"),
    "a line continued": ("BINS = 5", "BINS = 4 \\\n+1"),
    "a line continued into nothing": ("BINS = 5", "BINS = 5 \\"),
    "a syntax error": ("BINS = 5", "BINS = = 5"),
    "an indented line": ("BINS = 5", "  BINS = 5"),
    "Windows line ends": ("\n", "\r\n"),
    "an escape": ("BINS = 5", "BINS = len('\\q\\w') + 1"),
    "a split taken that is there no more": ("features = [Scale(a0)", 'features = [Scale(a0["test"])'),
    "a comprehension's name bound outside": ("BINS = 5", "BINS = 5\nc = 7"),
    "a node made by a check's number": ("BINS = 5", 'BINS = 5\nCheck(rows, "a > 1")'),
    "too deep": ("BINS = 5", f"BINS = {'(' * 60}5{')' * 60}"),
    "too many steps": ("BINS = 5", "BINS = [[i for i in range(99)] for j in range(99)]\nBUNS = sum(range(90000))"),
    "the docstring": ("data =", '"""What it does."""\ndata ='),
    "a string that is no docstring": ("rows =", '"""What it does."""\nrows ='),
    "another import that changes the grammar": ("data =", "from __future__ import barry_as_FLUFL\ndata ="),
}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    forget()
    yield
    forget()


def told(text: str, overrides: dict[str, int] | None = None) -> str:
    """All that a text compiles to; ``repr`` tells 1, 1.0 and True apart, and keeps the order of dicts."""
    return repr(compile_workflow(text, overrides=overrides))


def alone(text: str, overrides: dict[str, int] | None = None) -> str:
    forget()
    return told(text, overrides)


@pytest.mark.parametrize(("old", "new"), ONE_BY_ONE.values(), ids=ONE_BY_ONE)
def test_an_edited_text_compiles_as_if_it_were_the_first(old: str, new: str) -> None:
    assert old in BROAD
    edited = BROAD.replace(old, new)
    expected = {text: alone(text) for text in (BROAD, edited)}
    forget()
    for text in (BROAD, edited, BROAD, edited, edited + "\n", BROAD):
        assert told(text) == (expected.get(text) or alone(text))


def test_what_a_constant_is_set_to_counts() -> None:
    expected = {value: alone(BROAD, {"BINS": value}) for value in (7, 8)}
    forget()
    for value in (7, 8, 7):
        assert told(BROAD, {"BINS": value}) == expected[value]


@pytest.mark.parametrize("seed", SEEDS)
def test_random_edits_of_random_texts_compile_as_if_each_were_the_first(seed: int) -> None:
    chance = random.Random(seed)
    text = chance.choice((BROAD, CENSUS, RICH, Writer(chance).text(), chance.choice(corpus())))
    texts = [text]
    for _ in range(EDITS):
        base = chance.choice(texts) if chance.random() < 0.3 else texts[-1]
        texts.append(mutated(base, chance, (*corpus()[:20], BROAD)) if chance.random() < 0.8 else moved(base, chance))
    found = [told(text) for text in texts]
    assert found == [alone(text) for text in texts]


def moved(text: str, chance: random.Random) -> str:
    """The text with its lines moved by a comment or an empty line, or with a line taken out."""
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    if chance.random() < 0.5:
        del lines[place]
    else:
        lines.insert(place, chance.choice(("# a comment", "", "NEW = 1")))
    return "\n".join(lines)


def test_threads_that_compile_edits_of_a_text_do_not_disturb_each_other() -> None:
    texts = [BROAD.replace(old, new) for old, new in ONE_BY_ONE.values()]
    expected = [alone(text) for text in texts]
    forget()
    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            assert list(threads.map(told, texts)) == expected


def test_what_is_remembered_is_bounded() -> None:
    from workflows.lang import blocks, kept

    for round_ in range(40):
        compile_workflow("\n".join(f"x_{round_}_{n} = [{n}, 'a']" for n in range(1500)))
    assert len(blocks._KNOWN) <= 2 * blocks._CHARACTERS / len("x_1_1 = [1, 'a']") + 2
    assert len(kept._KEPT) <= 2 * kept._CHARACTERS / len("x = F()")
