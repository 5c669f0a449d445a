"""Texts that tests of the language share: the examples, and hypothesis strategies for texts good, bad and mangled."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
CENSUS = (EXAMPLES / "census.py").read_text()

# Five nodes that other lines can build on.
BASE = """\
data = FileSource(train="a.csv", test="b.csv")
rows = CSVScanner(data)
age = Field(rows, "age")
job = Field(rows, "job")
label = Field(rows, "label")
"""

FRAGMENTS = (
    *("rows", "age", "job", "label", "data", "x", "y", "names", "named", "f", "_", "Output", "Scale", "Field", "Split"),
    *("Interaction", "Examples", "Learner", "Predict", "Accuracy", "Reducer", "FileSource", "Dataset", "Extractor"),
    *("range", "len", "sum", "zip", "sorted", "enumerate", "min", "max", "print", "eval", "LogisticRegression"),
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "=",
        "==",
        ".",
        "*",
        "**",
        "+",
        "-",
        "/",
        "//",
        "%",
        "<<",
        "@",
        "~",
        "->",
    ),
    *(
        ":=",
        "+=",
        ";",
        "\n",
        "\n    ",
        "\t",
        "\\",
        "#",
        "'",
        '"',
        '"""',
        "f'",
        "r'",
        "b'",
        "0",
        "1",
        "10",
        "1e308",
        "9j",
    ),
    *("0x", "10**9", "'abc'", '"train"', '"test"', "None", "True", "...", "for", "in", "if", "else", "def", "class"),
    *("lambda", "import", "from", "as", "while", "try", "with", "return", "yield", "await", "async", "global", "del"),
    *(
        "not",
        "and",
        "or",
        "is",
        "pass",
        "break",
        "match",
        "case",
        "assert",
        "raise",
        "é",
        "𝒳",
        "\u2028",
        "\x00",
        "\ud800",
    ),
    *(
        "{x!r:>{y}}",
        "split=",
        "by=",
        "features=",
        "fn=",
        "name=",
        "cache=",
        "seed=",
        "*names",
        "**named",
        "rows[",
        '"]',
    ),
)

BINARY = ("+", "-", "*", "/", "//", "%", "**", "<<", "&", "|", "^", "==", "<", "in", "is", "and", "or")

constants: st.SearchStrategy[str] = st.recursive(
    st.one_of(
        st.integers(-(10**6), 10**6).map(repr),
        st.floats(allow_nan=False, allow_infinity=False).map(repr),
        st.text(max_size=6).map(repr),
        st.sampled_from(("None", "True", "b'x'", "x", "y", "c", "age", "len", "range(5)", "1_000", "10**30", "1j")),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, max_size=3).map(lambda items: "{" + ", ".join(items) + "}"),
        st.tuples(inner, inner).map("{%s: %s}".__mod__),
        st.tuples(
            inner,
            st.sampled_from(BINARY),
            inner,
        ).map("(%s %s %s)".__mod__),
        inner.map("[c for c in {} if c]".format),
        inner.map("{{c: [c] for c in {}}}".format),
        inner.map("sorted({})".format),
        inner.map("sum({})".format),
        inner.map("max({}, default=1)".format),
        inner.map("({} if x else 2)".format),
        inner.map("({})[0]".format),
        inner.map("({})[1:]".format),
        inner.map("({}).join(['a', 'b'])".format),
        inner.map("({}).format(1, x=2)".format),
        inner.map("f'{{{}}}'".format),
        inner.map("-({})".format),
    ),
    max_leaves=12,
)

nodes: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(("rows", "age", "job", "label", "data", 'rows["test"]', "x", "names[0]", 'Field(rows, "z")')),
    lambda inner: st.one_of(
        inner.map("Scale({})".format),
        inner.map("Bucketizer({}, bins=3)".format),
        st.tuples(inner, inner).map("Interaction(%s, %s)".__mod__),
        st.tuples(inner, inner).map("Examples(rows, features=[%s], label=%s)".__mod__),
        inner.map("Filter({}, 'age > 3')".format),
        inner.map("Split({}, test=0.5)".format),
        inner.map("Extractor({}, lambda b: b)".format),
        inner.map("Reducer({}, lambda b: 1)".format),
        inner.map("Learner({}, LogisticRegression(C=x))".format),
        st.tuples(inner, inner).map("Predict(%s, %s)".__mod__),
        inner.map("Accuracy({}, by=job)".format),
    ),
    max_leaves=5,
)

statements: st.SearchStrategy[str] = st.one_of(
    st.tuples(st.sampled_from("xyzc"), constants).map("%s = %s".__mod__),
    st.tuples(st.sampled_from(("x", "y", "z", "names[1]", "named['a']")), nodes).map("%s = %s".__mod__),
    nodes.map("names = [{} for c in 'ab']".format),
    nodes.map("named = {{'a': {}}}".format),
    nodes.map("for c in 'ab':\n    named[c] = {}".format),
    constants.map("for c in {}:\n    x = c\n    y = x".format),
    constants.map("if {}:\n    x = 1\nelse:\n    x = 2".format),
    constants.map("def f(a, b={}):\n    return a + x".format),
    nodes.map("Output({})".format),
    st.just("from sklearn.linear_model import LogisticRegression"),
    st.just("x += 1"),
)

generated: st.SearchStrategy[str] = st.lists(statements, max_size=8).map(lambda lines: BASE + "\n".join(lines))
scrambled: st.SearchStrategy[str] = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map(" ".join)


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """Census with a few pieces cut out, doubled, or replaced by fragments."""
    text = CENSUS
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from((0, 1, 2, 5, 20, 100)))
        piece = draw(
            st.one_of(st.sampled_from(FRAGMENTS), st.just(text[start : start + length] * 2), st.text(max_size=3))
        )
        text = text[:start] + piece + text[start + length :]
    return text
