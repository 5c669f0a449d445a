"""What user code does behind its results: a run with reuse gives what a run without gives, though parts do not run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.execution.lab import Lab
from workflows.execution.warmserver import WarmServer

ROWS = """\
rows = Split(CSVScanner(FileSource("rows.csv")), test=0.3)
age = Field(rows, "age")
group = Field(rows, "group")
examples = Examples(rows, features=[age], label=group)

def total(frame):
    return float(frame.iloc[:, 0].sum())
"""
CHAIN = """
first = Extractor(age, one, each="split")
second = Extractor(first, two, each="split")
result = Reducer(second, total)
Output(result)
"""
# Code of two functions, of which the second is edited (KEY 1 → 2) while the result of the first is loaded.
STATEFUL = {
    "a generator of the module": """
import numpy as np
RNG = np.random.default_rng(0)
def one(frame):
    return RNG.random(len(frame))
def two(frame):
    return RNG.random(len(frame)) * KEY
""",
    "a counter": """
COUNT = 0
def one(frame):
    global COUNT
    COUNT += 1
    return frame["age"] * COUNT
def two(frame):
    return frame.iloc[:, 0] * COUNT + KEY
""",
    "a list": """
SEEN = []
def one(frame):
    SEEN.append(len(frame))
    return frame["age"]
def two(frame):
    return frame.iloc[:, 0] * 0 + len(SEEN) + KEY
""",
    "an attribute of a class": """
class Memory:
    seen = []
    last = 1
def one(frame):
    Memory.seen.append(1)
    Memory.last = len(frame)
    Memory.more = 3
    return frame["age"]
def two(frame):
    return frame.iloc[:, 0] * 0 + len(Memory.seen) + Memory.last + hasattr(Memory, "more") + KEY
""",
    "an object": """
class Memory:
    def __init__(self):
        self.seen = []
MEMORY = Memory()
SAME = MEMORY
def one(frame):
    MEMORY.seen.append(1)
    return frame["age"]
def two(frame):
    return frame.iloc[:, 0] * 0 + len(SAME.seen) + KEY
""",
    "a default": """
def remember(item, seen=[]):
    seen.append(item)
    return len(seen)
def one(frame):
    remember(1)
    return frame["age"]
def two(frame):
    return frame.iloc[:, 0] * 0 + remember(2) + KEY
""",
    "an attribute of a function": """
def memory():
    return getattr(memory, "seen", 0)
def one(frame):
    memory.seen = 10
    return frame["age"]
def two(frame):
    return frame.iloc[:, 0] * 0 + memory() + KEY
""",
    "the global generators": """
import random
import numpy as np
NOISE = np.random.rand(3)
def one(frame):
    return frame["age"] * np.random.rand() * random.random()
def two(frame):
    return frame.iloc[:, 0] + np.random.rand() + random.random() + NOISE.sum() + KEY
""",
    "a module of lib": """
import memory
def one(frame):
    memory.SEEN.append(1)
    return frame["age"]
def two(frame):
    return frame.iloc[:, 0] * 0 + len(memory.SEEN) + KEY
""",
    "a module of lib that is loaded late": """
def one(frame):
    import memory
    memory.SEEN.append(1)
    return frame["age"]
def two(frame):
    import memory
    return frame.iloc[:, 0] * 0 + len(memory.SEEN) + KEY
""",
}


def write_files(folder: Path) -> None:
    """The rows that the workflows read, and the module of lib/ that some of them change."""
    data, lib = folder / "data", folder / "lib"
    data.mkdir()
    lib.mkdir()
    lines = [f"{20 + number % 37},{'ab'[number * 7 % 11 > 5]}" for number in range(120)]
    (data / "rows.csv").write_text("age,group\n" + "\n".join(lines) + "\n")
    (lib / "memory.py").write_text("SEEN = []\n")


@pytest.fixture
def lab(tmp_path: Path, warm: WarmServer) -> Iterator[Lab]:
    write_files(tmp_path)
    made = Lab(tmp_path / "store", tmp_path / "data", warm)
    yield made
    made.store.close()


def without_reuse(lab: Lab, text: str) -> object:
    fresh = Lab(lab.root.with_name("fresh"), lab.data, lab.warm)
    outputs = fresh.succeed(text, reuse=False, lib=lab.root.with_name("lib")).result.outputs
    fresh.store.close()
    return outputs


@pytest.mark.parametrize("code", STATEFUL.values(), ids=STATEFUL)
def test_what_one_part_changes_in_the_module_no_other_part_sees(lab: Lab, code: str) -> None:
    text = f"{ROWS}KEY = 1{code}{CHAIN}"
    edited = text.replace("KEY = 1", "KEY = 2")
    lib = lab.root.with_name("lib")
    lab.succeed(text, policy="all", lib=lib)
    outcome = lab.succeed(edited, policy="all", lib=lib)
    assert outcome.node("first").action == "load"
    assert outcome.node("second").action == "compute"
    assert outcome.result.outputs == without_reuse(lab, edited)


MAJORITY = """
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

class Guess(ClassifierMixin, BaseEstimator):
    def fit(self, x, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, x):
        return self.classes_[np.random.randint(0, 2, x.shape[0])]

model = Learner(examples, Guess())
predictions = Predict(model, examples)
accuracy = Accuracy(predictions)
"""


def test_a_model_of_a_class_of_the_text_is_loaded_and_predicts_as_before(lab: Lab) -> None:
    text = ROWS + MAJORITY
    lab.succeed(text, policy="all")
    edited = text + 'on_train = Accuracy(predictions, split="train")\n'
    outcome = lab.succeed(edited, policy="all")
    assert outcome.node("model").action == "load"
    assert outcome.node("predictions").action == "compute"
    assert outcome.result.outputs == without_reuse(lab, edited)


def test_draws_at_module_level_do_not_depend_on_other_statements(lab: Lab) -> None:
    code = "import numpy as np\nNOISE = np.random.rand(3)\nresult = Reducer(age, lambda frame: NOISE.sum())\n"
    text = f"{ROWS}{code}Output(result)\n"
    edited = text.replace("NOISE =", "OTHER = np.random.rand(2)\nNOISE =")
    first = lab.succeed(text)
    again = lab.succeed(edited)
    assert again.stale == set()
    assert first.result.outputs == again.result.outputs == without_reuse(lab, edited)


def test_annotations_are_what_the_text_makes_them(lab: Lab) -> None:
    text = ROWS + (
        "from dataclasses import dataclass, fields\n@dataclass\nclass Point:\n    x: int = 1\n"
        "result = Reducer(age, lambda frame: str(fields(Point)[0].type))\nOutput(result)\n"
    )
    assert lab.succeed(text).result.outputs == {"result": "<class 'int'>"}
    later = "from __future__ import annotations\n" + text
    assert lab.succeed(later).result.outputs == {"result": "int"}


def test_learners_that_draw_from_one_generator_of_the_process_learn_what_each_would_alone(lab: Lab) -> None:
    text = """
from sklearn.svm import LinearSVC
rows = Dataset("digits")
examples = Examples(rows, features=[Field(rows, f"pixel_{y}_{x}") for y in range(8) for x in range(8)],
                    label=Field(rows, "target"))
first = Predict(Learner(examples, LinearSVC(dual=True, tol=1e-12, max_iter=50)), examples)
"""
    other = "second = Learner(examples, LinearSVC(dual=True, tol=1e-12, max_iter=51))\n"
    alone = lab.succeed(text + "Output(first)\n", reuse=False, policy="all").node("first").digest
    assert alone is not None
    for _ in range(2):
        both = lab.succeed(text + other + "Output(first, second)\n", reuse=False, policy="all")
        assert both.node("first").digest == alone
