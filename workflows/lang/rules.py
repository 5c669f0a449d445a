"""What single operators ask beyond the types of their parameters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TypeAlias

from workflows.lang.parameters import tell_arity
from workflows.lang.syntax import Application, Definition, Problems, Vertex
from workflows.operators.base import Kind
from workflows.operators.source import is_file

_LONGEST_HASH = 2**24  # places of a hashed vector: a model has a weight for each

Vertices: TypeAlias = Mapping[str, Vertex]
_KEEPING_IDS = ("Split", "Sample", "Map", "Filter")  # rows out of them are numbered as the rows in
Rule: TypeAlias = Callable[[Vertex, Vertices, Problems, Application], None]


def _split(vertex: Vertex, vertices: Vertices, problems: Problems, made: Application) -> None:
    operand = vertex.operands[0]
    splits = vertices[operand.node].splits
    if operand.split is None and len(splits) > 1:
        problems.add(
            "split-already",
            made.arguments["rows"].node,
            f"`{operand.node}` is split already: it has {', '.join(splits)}.",
            f'Take the split that is to be split: Split({operand.node}["{splits[0]}"], …).',
        )
    if vertex.params["test"] + (vertex.params["validation"] or 0.0) >= 1:
        problems.add(
            "nothing-left",
            made.node.func,
            "`test` and `validation` together leave nothing for `train`.",
            "Make their sum less than 1.",
        )
    if vertex.params["stratify"] is not None and vertex.params["group"] is not None:
        problems.add(
            "one-of-two", made.node.func, "A split is by `stratify=` or by `group=`, not by both.", "Leave one out."
        )
    shares = [name for name in ("test", "validation", "stratify", "group") if name in made.arguments]
    if vertex.params["where"] is not None and shares:
        what = f"`where=` says which rows are `test`, and so does `{shares[0]}=`."
        problems.add("one-of-two", made.arguments[shares[0]].node, what, "Leave one out.")
    _own_numbers(vertex, vertices, problems, made)


def _sample(vertex: Vertex, vertices: Vertices, problems: Problems, made: Application) -> None:
    if (vertex.params["n"] is None) == (vertex.params["fraction"] is None):
        hint = "Write n=1000, or fraction=0.1."
        problems.add("one-of-two", made.node.func, "A sample is of `n=` rows or of a `fraction=` of them.", hint)
    _own_numbers(vertex, vertices, problems, made)


def _own_numbers(vertex: Vertex, vertices: Vertices, problems: Problems, made: Application) -> None:
    """Rows that were chosen by their numbers are not chosen again by the very same ones: they would all be, or none."""
    above = vertices[vertex.operands[0].node]
    while above.operator.name in _KEEPING_IDS:
        if above.operator is vertex.operator and above.seed == vertex.seed:
            problems.add(
                "same-numbers",
                made.node.func,
                f"`{above.name}` chose these rows by the same random numbers.",
                f"Give one of the two another seed: seed={(vertex.seed or 0) + 1}.",
            )
            return
        above = vertices[above.operands[0].node]


def _each(vertex: Vertex, vertices: Vertices, problems: Problems, made: Application) -> None:
    each, by = vertex.params["each"], vertex.params["by"]
    where = made.arguments["each" if "each" in made.arguments else "by"].node if (each, by) != ("batch", None) else None
    if where is None:
        return
    if (each == "group") != (by is not None):
        hint = 'Write each="group", by="column".'
        problems.add("group-by", where, '`each="group"` and `by=` belong together.', hint)
    operand = vertices[vertex.operands[0].node]
    if each == "value" and operand.operator.kind is not Kind.FEATURE:
        hint = f'Write Extractor(Field({operand.name}, "column"), …, each="value").'
        problems.add("wrong-kind", where, '`each="value"` is over the values of one feature.', hint)
    if each == "group" and operand.operator.kind is Kind.FEATURE:
        problems.add("wrong-kind", where, "A feature has no column to group by.", "Pass the rows.")


def _check(vertex: Vertex, vertices: Vertices, problems: Problems, made: Application) -> None:
    _each(vertex, vertices, problems, made)
    if not 0 < vertex.params["at_least"] <= 1:
        hint = "Write 1 for all rows, 0.99 for 99 of 100."
        problems.add("wrong-type", made.arguments["at_least"].node, "`at_least` is a share, above 0 and up to 1.", hint)


def _group_by(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    by, aggregates = vertex.params["by"], vertex.params["aggregates"]
    if not by:
        hint = "Name a column; a Reducer makes a value of all rows."
        problems.add("missing-argument", made.arguments["by"].node, "`GroupBy` needs a column to group by.", hint)
    twice = next((name for place, name in enumerate(by) if name in by[:place]), None)
    if twice is not None:
        problems.add("column-twice", made.arguments["by"].node, f"`{twice}` is named twice.", "Name each column once.")
    twice = next((name for name in aggregates if name in by), None)
    if twice is not None:
        what = f"`{twice}` is a column to group by already."
        problems.add("column-twice", made.arguments["aggregates"].node, what, "Give the aggregate another name.")


def _join(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    if not vertex.params["on"]:
        hint = 'Write on="id".'
        problems.add("missing-argument", made.arguments["on"].node, "`Join` needs a column to join on.", hint)


def _sql(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    words = set(re.findall(r"\w+", vertex.params["query"].lower()))
    for operand in vertex.operands:
        name = operand.slot.removeprefix("tables.")
        if name.lower() not in words:
            what = f"The query does not name `{name}`."
            problems.add("unused-table", made.arguments[operand.slot].node, what, "Leave it out, or name it in `from`.")


def _impute(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    if (vertex.params["strategy"] == "constant") != (vertex.params["value"] is not None):
        hint = 'Write strategy="constant", value=0.'
        problems.add("one-of-two", made.node.func, '`strategy="constant"` and `value=` belong together.', hint)


def _bucketizer(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    edges = vertex.params["edges"]
    if edges is not None and any(later <= earlier for earlier, later in pairwise(edges)):
        problems.add("wrong-type", made.arguments["edges"].node, "Edges are in rising order.", "Sort them, each once.")


def _columns(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    columns = vertex.params["columns"]
    if columns is not None:
        counted: Counter[str] = Counter(columns)
        twice = next((name for name in columns if counted[name] > 1), None)
        if twice is not None or not columns:
            what = f"The column `{twice}` is named twice." if columns else "There are no columns."
            problems.add("column-twice", made.arguments["columns"].node, what, "Name each column once.")
        unknown = next((name for name in vertex.params.get("types", ()) if name not in columns), None)
        if unknown is not None:
            what = f"`types=` names `{unknown}`, which is none of the columns."
            problems.add("unknown-column", made.arguments["types"].node, what, "Use a name from `columns=`.")


def _csv(vertex: Vertex, vertices: Vertices, problems: Problems, made: Application) -> None:
    _columns(vertex, vertices, problems, made)
    for name, least, most in (("sep", 1, 1), ("quote", 0, 1)):
        if not least <= len(vertex.params[name]) <= most:
            what = f"`{name}` is one character."
            problems.add("wrong-type", made.arguments[name].node, what, 'For example: sep=";", quote="".')


def _query(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    connection = vertex.params["connection"]
    where = made.arguments["connection"].node
    if "://" in connection:
        what = "An address stands in no text, nor the password in it: a version keeps a text for good."
        hint = 'Name a connection, SQLSource("shop", …), and set HELIX_CONNECTION_SHOP to the address.'
        problems.add("address-in-text", where, what, hint)
    elif not is_file(connection) and not connection.isidentifier():
        hint = "Write a path of the data folder, or a name of letters, digits and _."
        problems.add("wrong-type", where, f"`{connection}` is neither the path of a file nor a name.", hint)
    if not vertex.params["query"].strip():
        problems.add("wrong-type", made.arguments["query"].node, "The query is empty.", 'For example: "select 1 as x".')


def _reducer(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    function = vertex.params["fn"]
    if isinstance(function, Definition):
        tell_arity(function, len(vertex.operands), made.arguments["fn"].node, problems)


def _tokenize(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    try:
        groups = re.compile(vertex.params["pattern"]).groups
    except (re.error, OverflowError, RecursionError) as error:
        what, hint = f"`pattern` is no regular expression: {error}.", r'For example: pattern=r"\w+".'
    else:
        if groups < 2:
            return
        what, hint = f"`pattern` has {groups} groups, and one at most can be a token.", "Write (?:…) for the others."
    problems.add("wrong-type", made.arguments["pattern"].node, what, hint)


def _ngrams(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    low, high = vertex.params["low"], vertex.params["high"]
    if low > high:
        where = made.arguments["low" if "low" in made.arguments else "high"].node
        what = f"The shortest run has {low} tokens, and the longest {high}."
        problems.add("wrong-type", where, what, f"Write low={low}, high={low}.")


def _hash(vertex: Vertex, _vertices: Vertices, problems: Problems, made: Application) -> None:
    if vertex.params["size"] > _LONGEST_HASH:
        what = f"`size` is {_LONGEST_HASH} (2**24) at most."
        problems.add("too-large", made.arguments["size"].node, what, "2**18 is much already.")


RULES: Mapping[str, Rule] = {
    "Split": _split,
    "Map": _each,
    "FlatMap": _each,
    "Sample": _sample,
    "Check": _check,
    "GroupBy": _group_by,
    "Join": _join,
    "SQL": _sql,
    "Filter": _each,
    "Extractor": _each,
    "Tokenize": _tokenize,
    "NGrams": _ngrams,
    "Hash": _hash,
    "Impute": _impute,
    "Bucketizer": _bucketizer,
    "CSVScanner": _csv,
    "JSONScanner": _columns,
    "ParquetScanner": _columns,
    "SQLSource": _query,
    "Reducer": _reducer,
}
