"""What is said of a wrong text: each error with its code, its place, and what to write instead; all of them at once."""

from __future__ import annotations

import pytest

from tests.workflows.texts import BASE
from workflows.compiler import compile_workflow
from workflows.errors import Diagnostic

LINES = BASE.count("\n")
SPLIT = 'A split stays one node; take `parts["test"]` where you need one.'


def found(text: str) -> list[Diagnostic]:
    return [one for one in compile_workflow(BASE + text).diagnostics if one.code != "nothing-wanted"]


def pointed(text: str, diagnostic: Diagnostic) -> str:
    """The piece of the text that a diagnostic points to, in its first line."""
    span = diagnostic.span
    line = (BASE + text).split("\n")[span.line - 1]
    return line[span.column - 1 : span.end_column - 1 if span.line == span.end_line else None]


# text, code, the place it points to, a piece of the message or hint
CASES = [
    ("train, test = Split(rows)", "unpacked-node", "train, test = Split(rows)", SPLIT),
    ("a, b = rows", "unpacked-node", "a, b = rows", "cannot be unpacked"),
    ("x = Scal(age)", "unknown-operator", "Scal", "Did you mean `Scale`?"),
    ("x = scale(age)", "unknown-operator", "scale", "Did you mean `Scale`?"),
    ("x = print(age)", "unknown-operator", "print", "Prints belong into functions"),
    ("x = isinstance(age, int)", "unknown-operator", "isinstance", "Put it into a function"),
    ("x = list(range(3))", "unknown-operator", "list", "Write [*…]"),
    (
        "import pandas as pd\nx = pd.read_csv('a.csv')",
        "not-in-language",
        "pd.read_csv('a.csv')",
        "CSVScanner(FileSource",
    ),
    ("x = rows.test", "no-value", "rows.test", 'Write rows["test"]'),
    ("x = rows['age']", "unknown-split", "'age'", 'Field(rows, "age")'),
    ("s = CSVScanner(FileSource('a'))\nx = s['test']", "unknown-split", "'test'", "Split the rows first"),
    ("x = x + 1", "used-before-definition", "x", "another name"),
    ("x = Scale(y)\ny = age", "used-before-definition", "y", "Move line 7 up"),
    ("if __name__ == '__main__':\n    Output(age)", "unknown-name", "__name__", "without the `if`"),
    ("x = {'a': age}\ny = Examples(rows, features=x)", "not-a-node", "x", "[*x.values()]"),
    ("y = Examples(rows, features=*[age])", "syntax", "*", "features"),
    ("xs = [age]\ny = Examples(rows, features=*xs)", "syntax", "*", "Write features=[*xs]."),
    ("x = Examples(rows, [age, label=age)", "syntax", ")", "Close it"),
    ("x = CSVScanner(data, types={'a': int})", "wrong-type", "{'a': int}", '{"age": "int"}'),
    ("x = PCA(2)", "unknown-operator", "PCA", "from sklearn.decomposition import PCA"),
    ("x = Scale(agee)", "unknown-name", "agee", "Did you mean `age`?"),
    ("x = y\ny = 1", "used-before-definition", "y", "Move line 7 up"),
    ("x = Scale()", "missing-argument", "Scale", "needs `feature`"),
    ("x = Learner(Examples(rows, [age]))", "missing-argument", "Learner", "needs `estimator`"),
    ("x = FileSource()", "missing-argument", "FileSource", "needs a path"),
    ('x = FileSource("a", train="b")', "missing-argument", "FileSource", "not both"),
    ("x = Scale(age, methd='minmax')", "unknown-parameter", "methd='minmax'", "Did you mean `method`?"),
    ("x = Scale(age, seed=1)", "unknown-parameter", "seed=1", "has no parameter `seed`"),
    ("x = Scale(age, feature=age)", "argument-twice", "feature=age", "given twice"),
    ("x = Scale(age, 'minmax', 3)", "too-many-arguments", "3", "takes 2 positional arguments"),
    ("x = Scale(*[age, 'minmax', 3])", "too-many-arguments", "*[age, 'minmax', 3]", "takes 2"),
    ("x = Bucketizer(age, bins='3')", "wrong-type", "'3'", "takes a whole number"),
    ("x = Bucketizer(age, bins=True)", "wrong-type", "True", "takes a whole number"),
    ("x = Bucketizer(age, bins=1)", "too-small", "1", "at least 2"),
    ("x = Bucketizer(age, edges=[2, 1])", "wrong-type", "[2, 1]", "rising order"),
    ("x = Scale(age, method='minmx')", "not-a-choice", "'minmx'", 'Did you mean "minmax"?'),
    ("x = Dataset('digit')", "not-a-choice", "'digit'", 'Did you mean "digits"?'),
    ("x = CSVScanner(data, types={'a': 'integer'})", "not-a-choice", "{'a': 'integer'}", "int"),
    ("x = CSVScanner(data, columns=['a', 'a'])", "column-twice", "['a', 'a']", "named twice"),
    ("x = JSONScanner(data, columns=['a', 'a'])", "column-twice", "['a', 'a']", "named twice"),
    (
        "x = JSONScanner(data, columns=['a'], types={'b': 'str'})",
        "unknown-column",
        "{'b': 'str'}",
        "none of the columns",
    ),
    ("x = ParquetScanner(data, columns=[])", "column-twice", "[]", "no columns"),
    ("x = ImageScanner(data, mode='gray')", "not-a-choice", "'gray'", 'mean "grey"'),
    ("x = SQLSource('postgresql://a:b@c/d', 'select 1')", "address-in-text", "'postgresql://a:b@c/d'", "no text"),
    ("x = CSVScanner(data, columns=['a'], types={'b': 'int'})", "unknown-column", "{'b': 'int'}", "`b`"),
    ("x = CSVScanner(data, sep=', ')", "wrong-type", "', '", "one character"),
    ("x = Split(rows['train'], test=1.5)", "wrong-type", "1.5", "between 0 and 1"),
    ("x = Split(rows['train'], test=0.5, validation=0.5)", "nothing-left", "Split", "nothing for `train`"),
    ("x = Split(rows['train'], stratify='a', group='b')", "one-of-two", "Split", "not by both"),
    ("x = Split(rows['train'], test=0.1, where='a > 1')", "one-of-two", "0.1", "so does `test=`"),
    ("x = Tokenize(age, pattern='(')", "wrong-type", "'('", "no regular expression"),
    ("x = Tokenize(age, pattern='(a)(b)')", "wrong-type", "'(a)(b)'", "one at most can be a token"),
    ("x = NGrams(age, low=3)", "wrong-type", "3", "The shortest run has 3 tokens, and the longest 2"),
    ("x = Hash(age, size=2**25)", "too-large", "2**25", "(2**24) at most"),
    ("x = Split(rows)", "split-already", "rows", 'Split(rows["train"], …)'),
    ("x = Sample(rows)", "one-of-two", "Sample", "fraction=0.1"),
    ("x = Sample(rows, n=3, fraction=0.5)", "one-of-two", "Sample", "`n=` rows or of a `fraction=`"),
    ("x = Sample(rows, n=0)", "too-small", "0", "at least 1"),
    ("x = Sample(Filter(Sample(rows, n=9), 'a > 1'), n=3)", "same-numbers", "Sample", "seed=1"),
    ("x = Split(rows['train'])\ny = Split(x['train'])", "same-numbers", "Split", "another seed"),
    ("x = FlatMap(rows, lambda b: b, each='group')", "group-by", "'group'", "belong together"),
    ("x = FlatMap(rows, 'age > 3')", "wrong-type", "'age > 3'", "takes a function"),
    ("x = Join(rows, age, on='a')", "wrong-kind", "age", "takes rows"),
    ("x = Join(rows, rows, on=[])", "missing-argument", "[]", 'on="id"'),
    ("x = Join(rows, rows, on='a', how='outer')", "not-a-choice", "'outer'", '"inner"'),
    (
        "s = FileSource(a='x', train='y')\nx = Join(rows, CSVScanner(s), on='a')",
        "other-splits",
        "CSVScanner(s)",
        "equal",
    ),
    ("x = Join(rows, rows['test'], on='a')", "other-splits", "rows['test']", "read for each split, as train alone is"),
    ("x = Union(rows)", "too-few-operands", "rows", "needs 2 rows at least"),
    ("x = Union(rows, rows['test'])", "other-splits", "rows['test']", "the same split of each"),
    ("x = GroupBy(rows, by=[], aggregates={})", "missing-argument", "[]", "to group by"),
    ("x = GroupBy(rows, by=['a', 'a'], aggregates={})", "column-twice", "['a', 'a']", "named twice"),
    ("x = GroupBy(rows, 'a', {'a': 'count()'})", "column-twice", "{'a': 'count()'}", "another name"),
    ("x = GroupBy(rows, 'a', {'m': 'meen(b)'})", "bad-aggregate", "{'m': 'meen(b)'}", "did you mean `mean`?"),
    ("x = GroupBy(rows, 'a', {'m': 'mean()'})", "bad-aggregate", "{'m': 'mean()'}", "is of a column"),
    ("x = GroupBy(rows, 'a', {'m': 'b'})", "bad-aggregate", "{'m': 'b'}", '"mean(age)"'),
    ("x = GroupBy(rows, 'a', ['count()'])", "wrong-type", "['count()']", '{"mean_age": "mean(age)"}'),
    ("x = SQL('select 1')", "missing-argument", "SQL", "needs rows, by a name of yours"),
    ("x = SQL('select 1 from rows', rows=age)", "wrong-kind", "age", "takes rows for `rows`"),
    ("x = SQL('select 1 from rows', rows=rows, other=rows)", "unused-table", "rows", "does not name `other`"),
    ("x = SQL('select * from a, b', a=rows, b=rows['test'])", "other-splits", "rows['test']", "pairs equal splits"),
    ("x = SQL(rows, rows=rows)", "wrong-type", "rows", "takes a string"),
    ("Check(rows, 'age betwen 0 and 1')", "bad-expression", "'age betwen 0 and 1'", "cannot be read"),
    ("Check(rows, 'age between 0')", "bad-expression", "'age between 0'", "without its `and`"),
    ("Check(rows, 'age > 0', at_least=99)", "wrong-type", "99", "is a share"),
    ("Check(age, 'age > 0')", "wrong-kind", "age", "takes rows"),
    ("Check(rows, 'a > 0', each='group')", "group-by", "'group'", "belong together"),
    ("x = Impute(age, value=3)", "one-of-two", "Impute", 'strategy="constant"'),
    ("x = Scale(rows)", "wrong-kind", "rows", 'Field(rows, "…")'),
    ("x = Field(data, 'a')", "wrong-kind", "data", "CSVScanner(data)"),
    ("x = Accuracy(Examples(rows, [age]))", "wrong-kind", "Examples(rows, [age])", "Predict(model,"),
    ("x = Examples(rows, [age, rows])", "wrong-kind", "rows", "takes a feature"),
    ("Output(data)", "wrong-kind", "data", "CSVScanner(data)"),
    ("Output(age, 3)", "not-a-node", "3", "takes nodes"),
    ("x = Field('rows', 'a')", "not-a-node", "'rows'", "without quotes"),
    ("x = Scale([age])", "not-a-node", "[age]", "Write one node"),
    ("x = Scale(None)", "not-a-node", "None", "takes a feature"),
    ("x = Interaction(age)", "too-few-operands", "age", "needs 2 features at least"),
    ("x = Examples(rows, [])", "too-few-operands", "[]", "needs a feature at least"),
    (
        "x = Interaction(age, Field(Filter(rows, 'age > 3'), 'b'))",
        "other-rows",
        "Field(Filter(rows, 'age > 3'), 'b')",
        "",
    ),
    ("x = Examples(Map(rows, lambda b: b), [age])", "other-rows", "age", "of the rows of `rows`"),
    ("x = Interaction(age, job['test'])", "other-splits", "job['test']", '"test"'),
    ("x = rows['tets']", "unknown-split", "'tets'", 'Did you mean "test"?'),
    ("x = Scale(age['validation'])", "unknown-split", "'validation'", '"train", "test"'),
    ("x = rows[0]", "not-a-split", "rows[0]", 'rows["test"]'),
    ("x = rows['test']['test']", "constant", "rows['test']['test']", "already is the split"),
    ("x = Reducer(age, lambda a: 1, split='tets')", "unknown-split", "'tets'", 'Did you mean "test"?'),
    ("s = FileSource(a='x', b='y')\nr = CSVScanner(s)", "nothing-to-learn-from", "CSVScanner", 's["a"]'),
    ("s = FileSource(state='x')", "reserved-split", "'x'", "cannot be called `state`"),
    ("def f(): pass\nx = Map(rows, f)", "wrong-arity", "f", "called with 1 argument, and takes 0"),
    ("def f(a, b): pass\nx = Extractor(rows, f)", "wrong-arity", "f", "takes 2"),
    ("def f(a, *, b): pass\nx = Extractor(rows, f)", "wrong-arity", "f", "needs `b=`"),
    ("x = Filter(rows, lambda: 1)", "wrong-arity", "lambda: 1", "takes 0"),
    ("x = Reducer(age, job, lambda a: 1)", "wrong-arity", "lambda a: 1", "called with 2 arguments"),
    ("class f: pass\nx = Map(rows, f)", "wrong-type", "f", "a class"),
    ("async def f(b): pass\nx = Map(rows, f)", "wrong-type", "f", "asynchronous"),
    ("x = Map(rows, 3)", "wrong-type", "3", "takes a function"),
    ("def f(b): pass\nx = Map(rows, f(3))", "wrong-type", "f(3)", "without calling"),
    ("x = Filter(rows, 'age >')", "bad-expression", "'age >'", "cannot be read"),
    ("x = Extractor(rows, lambda b: b, each='group')", "group-by", "'group'", "belong together"),
    ("x = Extractor(rows, lambda b: b, by='a')", "group-by", "'a'", "belong together"),
    ("x = Extractor(rows, lambda b: b, each='value')", "wrong-kind", "'value'", "one feature"),
    ("from a import B\nx = Transform(age, B)", "wrong-type", "B", "Call it: B()"),
    ("x = Transform(age, 'pca')", "wrong-type", "'pca'", "takes a transformer"),
    ("def f(b):\n    return rows\nx = Map(rows, f)", "node-in-function", "rows", "gets its data as arguments"),
    ("x = Map(rows, lambda b: Scale(b))", "node-in-function", "Scale", "module level"),
    ("xs = [Map(rows, lambda b: b + n) for n in [age]]", "node-in-function", "lambda b: b + n", "`n` is a node"),
    ("def f(b):\n    return sttrip(b)\ndef strip(b): return b", "unknown-name", "sttrip", "Did you mean `strip`?"),
    ("x = 1\nx = 2", "bound-twice", "x", "in line 6"),
    ("def f(): pass\ndef f(): pass", "bound-twice", "def f(): pass", "in line 6"),
    ("x = {'a': age}\nx['a'] = Scale(age)", "bound-twice", "x['a'] = Scale(age)", "bound twice"),
    ("x = 1\nx += 1", "bound-twice", "x", "in line 6"),
    ("Field = 3", "operator-name", "Field", "is an operator"),
    ("for c in 'ab':\n    x = Field(rows, c)", "node-in-loop", "Field(rows, c)", "named[key] = Field(…)"),
    ("for c in 'ab':\n    x = [Field(rows, c)]", "node-without-name", "Field(rows, c)", "on a line of its own"),
    (
        "x = []\nfor c in 'ab':\n    x.append(Field(rows, c))",
        "not-in-language",
        "x.append(Field(rows, c))",
        "named[key]",
    ),
    ("Scale(age)", "node-without-name", "Scale(age)", "Write scale = Scale(age)"),
    ("x = len([Scale(age)])", "node-without-name", "Scale(age)", "has no name here"),
    ("x = Scale(Output(age))", "constant", "Output(age)", "on a line of its own"),
    ("while True: pass", "not-in-language", "while True: pass", "Loop over a list"),
    ("try:\n    x = 1\nexcept E: pass", "not-in-language", "try:", "in a function"),
    ("with open('a') as f: pass", "not-in-language", "with open('a') as f: pass", "in a function"),
    ("del age", "not-in-language", "del age", "Leave the name out"),
    ("global age", "not-in-language", "global age", "known to every function"),
    ("age.x = 3", "not-in-language", "age.x", "cannot be bound"),
    ("x: int", "not-in-language", "x: int", "Write name = value"),
    ("from os import *", "not-in-language", "from os import *", "Import the names"),
    ("from . import x", "not-in-language", "from . import x", "in full"),
    ("if 1:\n    import os", "constant", "import os", "first column"),
    ("if 1:\n    def f(): pass", "constant", "def f(): pass", "first column"),
    ("for x in age: pass", "constant", "for x in age: pass", "has no items"),
    ("for x in {1, 2}: pass", "constant", "for x in {1, 2}: pass", "sorted"),
    ("if age: pass", "constant", "if age: pass", "neither true nor false"),
    ("x = age + 1", "constant", "age + 1", "no value while compiling"),
    ("x = age == job", "constant", "age == job", "cannot be compared"),
    ("x = rows.age", "no-value", "rows.age", 'Field(rows, "age")'),
    ("x = rows.filter('a')", "no-value", "rows.filter('a')", "Write Filter(rows, …)"),
    ("x = (1)(2)", "not-callable", "(1)(2)", "cannot be called"),
    ("age", "no-effect", "age", "no effect"),
    ("x = Field", "constant", "Field", "is not called"),
    ('n = Reducer(Dataset("iris"), len)', "constant", "len", "`len` is a built-in of Python"),
    ('n = Reducer(Dataset("iris"), fn=print)', "constant", "print", "`print` is a built-in of Python"),
    ("from helixweb.dsl import Feild", "unknown-operator", "Feild", "Did you mean `Field`?"),
    ("x = Field(rows, 'a'", "syntax", "(", "never closed"),
    ("x = 'a", "syntax", "'", "End the string"),
    ("  x = 1", "syntax", " ", "first column"),
    ("x = é + 1; y = 'é' + zz", "unknown-name", "é", "not defined"),
]


@pytest.mark.parametrize(("text", "code", "where", "piece"), CASES, ids=[f"{code}: {text}" for text, code, *_ in CASES])
def test_an_error_is_told_with_its_place_and_a_way_out(text: str, code: str, where: str, piece: str) -> None:
    diagnostics = [one for one in found(text) if one.code != "not-installed"]
    assert code in [one.code for one in diagnostics], diagnostics
    told = next(one for one in diagnostics if one.code == code)
    assert pointed(text, told) == where
    assert piece in f"{told.message} {told.hint}"
    assert told.hint


def test_one_fault_is_told_once() -> None:
    crowded = {text for text, *_ in CASES if len([one for one in found(text) if one.severity == "error"]) > 1}
    assert crowded <= {"x = é + 1; y = 'é' + zz"}


def test_all_errors_of_a_text_are_told_at_once() -> None:
    text = (
        "a = Scal(age)\nb = Scale(agee, methd=1)\nc = Field(rows 'x')\nd = (1,\n"
        "e = Bucketizer(rows['tets'], bins=0)\nwhile 1: pass\ndef f(b): return zz\nf2 = Scale(a)\n"
    )
    assert [(one.span.line - LINES, one.code) for one in found(text)] == [
        (1, "unknown-operator"),
        (2, "unknown-name"),
        (2, "unknown-parameter"),
        (3, "syntax"),
        (4, "syntax"),
        (5, "wrong-kind"),
        (5, "unknown-split"),
        (5, "too-small"),
        (6, "not-in-language"),
        (7, "unknown-name"),
    ]


def test_what_rests_on_an_error_stays_silent() -> None:
    text = "a = Scal(age)\nb = Scale(a)\nc = Interaction(b, age)\nd = [a, b]\ne = Examples(rows, d)\nOutput(e)\n"
    assert [one.span.line - LINES for one in found(text)] == [1]


def test_columns_count_characters() -> None:
    (told,) = found("x = 'ééé' + zz")
    assert (told.span.column, told.span.end_column) == (13, 15)


def test_an_escape_that_python_does_not_know_is_a_warning() -> None:
    (told,) = [one for one in compile_workflow(BASE + r"x = '\d'").diagnostics if one.code == "escape"]
    assert told.severity == "warning"
    assert told.span.line == LINES + 1


def test_nothing_wanted_is_a_warning() -> None:
    compiled = compile_workflow(BASE)
    assert [(one.code, one.severity) for one in compiled.diagnostics] == [("nothing-wanted", "warning")]
    assert compiled.dag is not None
    assert compile_workflow("").dag is not None


def test_an_import_that_nothing_answers_is_a_warning() -> None:
    told = compile_workflow("x = 1\nimport nowhere\nfrom numpy import nan\nimport os.path").diagnostics
    assert [(one.code, one.severity) for one in told] == [("nothing-wanted", "warning"), ("not-installed", "warning")]
    assert "`nowhere`" in told[1].message


def test_functions_may_name_what_is_defined_below_them() -> None:
    assert found("def f(b): return g(b) + K\ndef g(b): return b\nK = 1\nx = Map(rows, f)\nOutput(x)") == []


def test_globals_that_functions_declare_are_names() -> None:
    assert found("def f(b):\n    global seen\n    seen = b\ndef g(b): return seen\nx = Map(rows, g)\nOutput(x)") == []
