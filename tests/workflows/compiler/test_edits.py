"""Edits of Census, and for each the very parts whose signatures change: no fewer (soundness), no more (reuse)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflows.texts import CENSUS
from workflows.compiler import Compiled, compile_workflow, files
from workflows.graph.dag import FunctionSpec, PartId
from workflows.graph.signature import sign
from workflows.hashing import Signature

# Census whose function reaches helpers, a constant, a class, a package, and a decorator.
RICH = CENSUS.replace(
    "def over_50k(batch):",
    '''\
import functools
import numpy as np

MARK = ">50K"
WORDS = {"a": 1, "b": [2, 3]}


def strip(value):
    """White space gone."""
    return value.strip()


def clean(values):
    return values.map(strip)


def traced(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args)
    return inner


class Marker:
    mark: str = MARK

    def find(self, values, sign: str = "x"):
        return values.str.contains(self.mark)


def unused(batch):
    return batch + 1


@traced
def over_50k(batch, scale=1):''',
).replace(
    'batch["target"].str.contains(">50K")',
    '(Marker().find(clean(batch["target"])) & np.True_ & bool(WORDS))',
)

METRICS = {"accuracy:value", "auc:value"}
MODEL = {"model:state", "predictions:test", *METRICS}
EXAMPLES = {"income:state", "income:train", "income:test", *MODEL}
TARGET = {"target:train", "target:test", *EXAMPLES}
BUCKET = {"age_bucket:state", "age_bucket:train", "age_bucket:test", *EXAMPLES}
TEST_FILE = {
    *(f"{name}:test" for name in ("data", "rows", "age", "education", "occupation", "loss.feature", "loss")),
    *(f"{name}:test" for name in ("age_bucket", "edu_x_occ", "target", "income", "predictions")),
    *METRICS,
}

HASHES = {"train": "train bytes", "test": "test bytes"}


def compiled(text: str, lib: Path | None = None) -> Compiled:
    result = compile_workflow(text, lib=lib)
    assert [found for found in result.diagnostics if found.severity == "error"] == []
    return result


def signed(text: str, hashes: dict[str, str] | None = None, lib: Path | None = None) -> dict[PartId, Signature | None]:
    result = compiled(text, lib)
    assert result.dag is not None
    assert result.parts is not None
    found = hashes or HASHES
    return sign(result.parts, {(file.node, file.split): found[file.split] for file in files(result.dag)})


def changed(before: str, after: str, hashes: dict[str, str] | None = None) -> set[str]:
    known = set(signed(before).values())
    assert None not in known
    return {str(part) for part, signature in signed(after, hashes).items() if signature not in known}


def swap(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return edit


def append(line: str) -> Callable[[str], str]:
    return lambda text: f"{text}\n{line}\n"


SAME: dict[str, Callable[[str], str]] = {
    "nothing": lambda text: text,
    "a comment": swap("age        =", "# how old\nage        ="),
    "white space": swap("age        =", "age ="),
    "lines joined": lambda text: text.replace(",\n    ", ", "),
    "blank lines": lambda text: text.replace("\n\n", "\n\n\n"),
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "quotes": lambda text: text.replace('"age"', "'age'").replace('"target"', "'target'"),
    "quotes in a function": swap('batch["target"]', "batch['target']"),
    "the docstring": swap("Predict whether", "Guess whether"),
    "a docstring of a function": swap("(batch, scale=1):", '(batch, scale=1):\n    """Rich or not."""'),
    "a docstring of a helper": swap("White space gone.", "Trimmed."),
    "parentheses": swap("return values.map(strip)", "return (values.map((strip)))"),
    "annotations of a helper": swap("def clean(values):", "def clean(values: object) -> object:"),
    "a comment in a helper": swap("return value.strip()", "return value.strip()  # both sides"),
    "a renamed node": lambda text: text.replace("edu_x_occ", "crossed").replace("age_bucket", "decade"),
    "a nested node given a name": swap(
        'loss       = Scale(Field(rows, "capital_loss"))', 'lost = Field(rows, "capital_loss")\nloss = Scale(lost)'
    ),
    "statements in another order": lambda text: text.replace('age        = Field(rows, "age")\n', "").replace(
        "age_bucket =", 'age = Field(rows, "age")\nage_bucket ='
    ),
    "functions in another order": lambda text: text.replace("def unused(batch):\n    return batch + 1\n", "").replace(
        "target = Extractor", "def unused(batch):\n    return batch + 1\n\ntarget = Extractor"
    ),
    "keywords in another order": swap('na="?", strip=True, comment="|"', 'comment="|", strip=True, na="?"'),
    "an argument by keyword": swap('Field(rows, "age")', 'Field(column="age", rows=rows)'),
    "estimator keywords in another order": swap("C=1.0, max_iter=200", "max_iter=200, C=1.0"),
    "a default written out": swap("Bucketizer(age, bins=10)", 'Bucketizer(age, bins=10, by="quantile", edges=None)'),
    "the seed written out": swap("max_iter=200))", "max_iter=200), seed=0)"),
    "the split written out": swap("Accuracy(predictions)", 'Accuracy(predictions, split="test")'),
    "the split taken": swap("Accuracy(predictions)", 'Accuracy(predictions["test"])'),
    "a display name": swap("Accuracy(predictions)", 'Accuracy(predictions, name="How often right")'),
    "a parameter by a constant": lambda text: text.replace("C=1.0", "C=STRENGTH").replace(
        "\nmodel ", "\nSTRENGTH = 2.0 / 2\nmodel "
    ),
    "columns by a comprehension": swap('"age", "workclass"', '*[word for word in "age workclass".split()]'),
    "a function nobody calls": swap("return batch + 1", "return batch + 2"),
    "an unused constant": append("SPARE = 3"),
    "an unused node": append('spare = Field(rows, "race")'),
    "another way to import the estimator": lambda text: text.replace(
        "from sklearn.linear_model import LogisticRegression", "import sklearn.linear_model as linear"
    ).replace("LogisticRegression(", "linear.LogisticRegression("),
    "the imports for editors": lambda text: text.replace(
        "from sklearn", "from helixweb.dsl import FileSource, CSVScanner\nfrom sklearn", 1
    ),
    "a moved file": swap("adult/adult.data", "elsewhere/adult.csv"),
    "fewer outputs": swap("Output(accuracy, auc)", "Output(auc)"),
    "no Output": swap("Output(accuracy, auc)", ""),
}

DIFFERENT: dict[str, tuple[Callable[[str], str], set[str]]] = {
    "C": (swap("C=1.0", "C=0.1"), MODEL),
    "C as an integer": (swap("C=1.0", "C=1"), MODEL),
    "the seed": (swap("max_iter=200))", "max_iter=200), seed=1)"), MODEL),
    "another estimator": (lambda text: text.replace("LogisticRegression", "SGDClassifier"), MODEL),
    "the same name of another module": (swap("sklearn.linear_model", "sklearn.svm"), MODEL),
    "bins": (swap("bins=10", "bins=20"), BUCKET),
    "another column": (swap('Field(rows, "age")', 'Field(rows, "fnlwgt")'), {"age:train", "age:test", *BUCKET}),
    "a feature more": (swap("edu_x_occ, loss]", "edu_x_occ, loss, age]"), EXAMPLES),
    "features in another order": (swap("[education, age_bucket,", "[age_bucket, education,"), EXAMPLES),
    "operands in another order": (
        swap("Interaction(education, occupation)", "Interaction(occupation, education)"),
        {"edu_x_occ:train", "edu_x_occ:test", *EXAMPLES},
    ),
    "a metric more": (
        lambda text: text.replace("Output(accuracy, auc)", "f1 = F1(predictions)\nOutput(accuracy, auc, f1)"),
        {"f1:value"},
    ),
    "a metric of another split": (
        swap("Accuracy(predictions)", 'Accuracy(predictions, split="train")'),
        {"accuracy:value", "predictions:train"},
    ),
    "a metric by a feature": (swap("Accuracy(predictions)", "Accuracy(predictions, by=education)"), {"accuracy:value"}),
    "the function": (swap("& bool(WORDS)", "| bool(WORDS)"), TARGET),
    "a default argument": (swap("scale=1", "scale=2"), TARGET),
    "a helper": (swap("values.map(strip)", "values.map(strip).str.lower()"), TARGET),
    "a helper of a helper": (swap("value.strip()", "value.rstrip()"), TARGET),
    "a decorator": (swap("return function(*args)", "return function(*reversed(args))"), TARGET),
    "a decorator removed": (swap("@traced\n", ""), TARGET),
    "a class": (swap("values.str.contains(self.mark)", "values.str.startswith(self.mark)"), TARGET),
    "an annotation of a class": (swap("mark: str", "mark: bytes"), TARGET),
    "an annotation of a method": (swap("sign: str", "sign: bytes"), TARGET),
    "a constant": (swap('MARK = ">50K"', 'MARK = "<=50K"'), TARGET),
    "a constant's type": (swap('"a": 1', '"a": 1.0'), TARGET),
    "a constant's order": (swap('{"a": 1, "b": [2, 3]}', '{"b": [2, 3], "a": 1}'), TARGET),
    "a constant inside": (swap("[2, 3]", "[2, 4]"), TARGET),
    "what an import stands for": (swap("import numpy as np", "import scipy as np"), TARGET),
    "cleaning of rows": (
        swap('na="?"', 'na=("?", "")'),
        {
            *(f"{name}:{split}" for name in ("rows", "age", "education", "occupation") for split in ("train", "test")),
            *(f"{name}:{split}" for name in ("loss.feature", "loss", "edu_x_occ") for split in ("train", "test")),
            *("rows:state", "loss:state"),
            *BUCKET,
            *TARGET,
        },
    ),
}


@pytest.mark.parametrize("edit", SAME.values(), ids=SAME)
def test_what_changes_no_computation_changes_no_signature(edit: Callable[[str], str]) -> None:
    assert changed(RICH, edit(RICH)) == set()


@pytest.mark.parametrize(("edit", "parts"), DIFFERENT.values(), ids=DIFFERENT)
def test_an_edit_changes_the_very_parts_that_follow_from_it(edit: Callable[[str], str], parts: set[str]) -> None:
    assert changed(RICH, edit(RICH)) == parts


def test_a_new_test_file_changes_test_parts_and_no_learned_state() -> None:
    assert changed(RICH, RICH, {"train": "train bytes", "test": "new bytes"}) == TEST_FILE


def test_a_new_training_file_changes_everything_but_the_test_file() -> None:
    parts = {str(part) for part in signed(RICH)}
    # What does not rest on learned state is the same for the test file; rows rest on the learned schema.
    assert changed(RICH, RICH, {"train": "new bytes", "test": "test bytes"}) == parts - {"data:test"}


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("eval", "eval('1')"),
        ("exec", "exec('1')"),
        ("globals", "globals()['clean']"),
        ("getattr", "getattr(batch, name)"),
        ("__dict__", "batch.__dict__"),
        ("importlib", "importlib.reload"),
    ],
)
def test_what_cannot_be_resolved_widens_to_the_whole_module(word: str, code: str) -> None:
    wide = RICH.replace("import functools", "import functools\nimport importlib\nname = 'x'").replace(
        "    return (Marker()", f"    {code}\n    return (Marker()"
    )
    assert word in wide
    assert changed(wide, wide.replace("return batch + 1", "return batch + 2")) == TARGET
    assert changed(wide, wide.replace('"""White space gone."""', '"""Trimmed."""')) == TARGET


def test_getattr_with_a_constant_name_does_not_widen() -> None:
    narrow = RICH.replace("    return (Marker()", "    getattr(batch, 'x')\n    return (Marker()")
    assert changed(narrow, narrow.replace("return batch + 1", "return batch + 2")) == set()


def test_docstrings_count_where_the_code_names_them() -> None:
    named = RICH.replace("return value.strip()", "return value.strip() + (strip.__doc__ or '')")
    assert changed(named, named.replace("White space gone.", "Trimmed.")) == TARGET


def test_a_pattern_compiled_at_module_level_is_code() -> None:
    text = RICH.replace("import functools", "import functools\nimport re\nSPACE = re.compile('[ ]+')").replace(
        "value.strip()", "SPACE.sub('', value)"
    )
    assert changed(text, text.replace("'[ ]+'", "'[ ]*'")) == TARGET
    assert changed(text, text.replace("'[ ]+'", '"[ ]+"')) == set()


def test_an_entry_in_a_registry_belongs_to_whoever_reads_the_registry() -> None:
    text = RICH.replace(
        "def unused(batch):",
        "STEPS = []\n\n\ndef step(f):\n    STEPS.append(f)\n    return f\n\n\n@step\ndef unused(batch):",
    ).replace("bool(WORDS)", "bool(STEPS)")
    assert changed(text, text.replace("return batch + 1", "return batch + 2")) == TARGET


def test_a_registered_implementation_belongs_to_its_generic_function() -> None:
    text = RICH.replace(
        "def unused(batch):",
        "@functools.singledispatch\ndef show(x):\n    return x\n\n\n@show.register(int)\ndef unused(batch):",
    ).replace("bool(WORDS)", "bool(show)")
    assert changed(text, text.replace("return batch + 1", "return batch + 2")) == TARGET


def test_a_subclass_belongs_to_its_base() -> None:
    text = RICH.replace("def unused(batch):", "class Other(Marker):\n    x = 1\n\n\ndef unused(batch):")
    assert changed(text, text.replace("x = 1", "x = 2")) == TARGET


def test_equal_computations_under_other_names_have_equal_signatures() -> None:
    twice = signed(f'{CENSUS}\nagain = Field(rows, "age")\nOutput(again, age)\n')
    by_name = {str(part): signature for part, signature in twice.items()}
    assert by_name["again:train"] == by_name["age:train"]
    assert by_name["again:train"] != by_name["again:test"]


def test_equal_files_have_equal_signatures_whatever_their_split() -> None:
    same = signed(CENSUS, {"train": "x", "test": "x"})
    by_name = {str(part): signature for part, signature in same.items()}
    assert by_name["data:train"] == by_name["data:test"]
    assert by_name["age:train"] == by_name["age:test"]
    assert by_name["rows:state"] != by_name["rows:train"]


def unknown(text: str) -> set[str]:
    return {str(part) for part, signature in signed(text).items() if signature is None}


def test_what_must_not_be_reused_has_no_signature_and_neither_has_what_follows() -> None:
    assert unknown(CENSUS.replace("max_iter=200))", "max_iter=200), cache=False)")) == MODEL
    assert unknown(CENSUS) == set()


def test_code_of_a_package_that_is_not_there_has_no_identity() -> None:
    text = CENSUS.replace("def over_50k(batch):", "import nowhere\n\ndef over_50k(batch):\n    nowhere.x")
    assert unknown(text) == TARGET


def test_a_file_not_read_yet_leaves_all_that_rests_on_it_unknown() -> None:
    result = compiled(CENSUS)
    assert result.parts is not None
    signatures = sign(
        result.parts, {(file.node, file.split): "x" for file in files(result.dag) if file.split == "train"}
    )  # type: ignore[arg-type]
    assert {str(part) for part, signature in signatures.items() if signature is None} == TEST_FILE


def test_a_function_rests_on_the_packages_whose_objects_it_is_given() -> None:
    """It calls their methods without naming them, so another version of them may give another result."""
    dag = compiled(CENSUS).dag
    assert dag is not None
    function = next(node for node in dag.nodes.values() if node.name == "target").params["fn"]
    assert isinstance(function, FunctionSpec)
    assert {"package pandas", "package numpy"} <= set(function.depends)


def test_another_version_of_a_package_makes_stale_what_rests_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Versions are those of real metadata, in a folder that Python looks into first."""
    text = CENSUS.replace(
        "Output(accuracy, auc)",
        'tokens = TfIdf(Field(rows, "race"))\ntold = SQL("select 1 from rows", rows=rows)\n'
        "Output(accuracy, auc, tokens, told)",
    )
    known = set(signed(text).values())
    assert None not in known
    monkeypatch.syspath_prepend(str(tmp_path))
    holding = {"duckdb": "duckdb", "scikit-learn": "sklearn", "joblib": "joblib", "pyarrow": "pyarrow"}
    stale = {name: newly_signed(text, known, tmp_path, name, module) for name, module in holding.items()}
    weights = {"tokens:state", "tokens:train", "tokens:test"}
    assert stale["duckdb"] == {"told:train", "told:test"}
    # Accuracy is ours alone: it is stale because the model is, whose estimator rests on both.
    assert stale["scikit-learn"] == {*MODEL, *weights}
    assert stale["joblib"] == stale["scikit-learn"]  # which requires it
    assert stale["pyarrow"] == {str(part) for part in signed(text)} - {"data:train", "data:test"}


def newly_signed(text: str, known: set[Signature | None], folder: Path, name: str, module: str) -> set[str]:
    """The parts that are stale once ``name`` is there in version 0.0."""
    info, package = folder / f"{name.replace('-', '_')}-0.0.dist-info", folder / module
    package.mkdir()
    (package / "__init__.py").touch()
    info.mkdir()
    required = "".join(f"Requires-Dist: {one}\n" for one in ("numpy", "scipy", "joblib", "threadpoolctl", "narwhals"))
    (info / "METADATA").write_text(required if name == "scikit-learn" else "")
    found = {str(part) for part, signature in signed(text).items() if signature not in known}
    for made in (info / "METADATA", package / "__init__.py"):
        made.unlink()
    info.rmdir()
    package.rmdir()
    return found
