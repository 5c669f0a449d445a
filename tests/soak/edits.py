"""Edits of a workflow's text such as people make, and some that only break things: each a random change of its tree."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from workflows.operators.registry import DECLARATIONS, OPERATORS

_OPTIONS = {  # arguments that any call of these may be given
    "Learner": ("seed=1", "seed=2", 'name="the model"'),
    "Split": ("seed=1", "seed=7", "test=0.5"),
    "Transform": ("seed=3",),
    "Accuracy": ('split="train"', 'name="How often right"'),
    "Predict": ('name="said"', "cache=False"),
    "Examples": ("cache=False",),
}
_DEFAULTS = {  # arguments that change nothing: what is so anyway, said
    "LogisticRegression": ("fit_intercept=True", "tol=0.0001", "warm_start=False"),
    "SGDClassifier": ("fit_intercept=True", "shuffle=True", "l1_ratio=0.15"),
    "KMeans": ("init='k-means++'", "copy_x=True", "n_init='auto'"),
    "TruncatedSVD": ("algorithm='randomized'", "n_iter=5"),
    "PCA": ("whiten=False", "copy=True"),
    "Bucketizer": ("by='quantile'",),
    "Scale": ("method='standard'",),
    "TfIdf": ("norm='l2'", "smooth=True"),
    "Tokenize": ("lower=True",),
    "Learner": ("seed=0",),
    "Predict": ("cache=True",),
}
_NUMBERS: tuple[Callable[[float], float], ...] = (
    *(lambda x: x + 1, lambda x: x - 1, lambda x: x * 2, lambda x: x / 2, lambda x: -x, lambda x: x * 1.0),
    *(lambda x: x / 10, lambda _: 0, lambda _: 1),
)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_STATEMENTS = ("spare = 3", "spare = [1, 2]", "'''What it does.'''", "pass", "spare = K", "spare = helper(2)")
_FAILURES = ("raise ValueError('broken on purpose')", "1 / 0", "spare = {}['missing']", "assert False, 'never'")


@dataclass(frozen=True, slots=True)
class Pool:
    """What edits of one workflow put in: expressions for features, metrics and estimators, made of names it has."""

    features: tuple[str, ...]
    results: tuple[str, ...]
    estimators: tuple[str, ...]


def edited(text: str, kind: str, chance: random.Random, pool: Pool) -> str | None:
    """The text after an edit of a kind; None where there is nothing in it to edit so."""
    if kind in _ON_TEXT:
        return _ON_TEXT[kind](text, chance)
    tree = ast.parse(text)
    if not _ON_TREE[kind](tree, chance, pool):
        return None
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


# Edits of trees: whether there was something to edit


def _number(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    numbers = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node is not None
    ]
    if not numbers:
        return False
    number = chance.choice(numbers)
    assert isinstance(number.value, int | float)
    value = chance.choice(_NUMBERS)(number.value)
    number.value = round(value) if isinstance(number.value, int) and chance.random() < 0.8 else value
    return True


def _operator(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    """Another comparison or another arithmetic in a function."""
    places = [
        node
        for function in _functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Compare | ast.BinOp)
    ]
    if not places:
        return False
    node = chance.choice(places)
    if isinstance(node, ast.Compare):
        node.ops = [chance.choice(_COMPARISONS)(), *node.ops[1:]]
    else:
        node.op = chance.choice(_ARITHMETIC)()
    return True


def _statement(tree: ast.Module, chance: random.Random, _pool: Pool, statements: tuple[str, ...] = _STATEMENTS) -> bool:
    functions = [node for node in _functions(tree) if isinstance(node, ast.FunctionDef)]
    if not functions:
        return False
    body = chance.choice(functions).body
    body[0:0] = ast.parse(chance.choice(statements)).body
    return True


def _failing(tree: ast.Module, chance: random.Random, pool: Pool) -> bool:
    return _statement(tree, chance, pool, _FAILURES)


def _dropped(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    """A statement of a function goes."""
    bodies = [node.body for node in _functions(tree) if isinstance(node, ast.FunctionDef) and len(node.body) > 1]
    if not bodies:
        return False
    body = chance.choice(bodies)
    del body[chance.randrange(len(body))]
    return True


def _features(tree: ast.Module, chance: random.Random, pool: Pool) -> bool:
    """A feature comes or goes, or all stand in another order."""
    lists = [
        keyword.value
        for call in _calls(tree)
        for keyword in call.keywords
        if keyword.arg == "features" and isinstance(keyword.value, ast.List)
    ]
    if not lists:
        return False
    items = chance.choice(lists).elts
    match chance.randrange(4):
        case 0 if len(items) > 1:
            del items[chance.randrange(len(items))]
        case 1 if len(items) > 1:
            chance.shuffle(items)
        case _:
            items.insert(chance.randint(0, len(items)), ast.parse(chance.choice(pool.features), mode="eval").body)
    return True


def _result(tree: ast.Module, chance: random.Random, pool: Pool) -> bool:
    """A metric more, and perhaps an output."""
    name = f"result{chance.randrange(6)}"
    if name in _bound(tree):
        return False
    made = ast.parse(f"{name} = {chance.choice(pool.results)}").body
    outputs = _outputs(tree)
    tree.body[len(tree.body) - len(outputs) :] = [*made, *outputs]
    if outputs and chance.random() < 0.8:
        call = outputs[0].value
        assert isinstance(call, ast.Call)
        call.args.append(ast.Name(name, ast.Load()))
    return True


def _unwanted(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    """An output goes, or one comes: any node."""
    outputs = _outputs(tree)
    if not outputs:
        return False
    call = outputs[0].value
    assert isinstance(call, ast.Call)
    if len(call.args) > 1 and chance.random() < 0.5:
        del call.args[chance.randrange(len(call.args))]
        return True
    nodes = [name for name, value in _assigned(tree).items() if isinstance(value, ast.Call) and _called(value)]
    call.args.append(ast.Name(chance.choice(nodes), ast.Load()))
    return True


def _renamed(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    """A node, a function or a constant gets another name, wherever it is named."""
    old = chance.choice(sorted(_bound(tree)))
    new = f"{old.rstrip('0123456789')}{chance.randrange(100)}"
    if new in _bound(tree) or new in DECLARATIONS:
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == old:
            node.id = new
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == old:
            node.name = new
    return True


def _option(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    """An argument more, or one less."""
    calls = [call for call in _calls(tree) if _called(call) in _OPTIONS]
    if not calls:
        return False
    call = chance.choice(calls)
    option = ast.parse(f"f({chance.choice(_OPTIONS[_called(call)])})", mode="eval").body
    assert isinstance(option, ast.Call)
    kept = [keyword for keyword in call.keywords if keyword.arg != option.keywords[0].arg]
    call.keywords = kept if len(kept) < len(call.keywords) and chance.random() < 0.5 else [*kept, *option.keywords]
    return True


def _constant(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    """A number of a call becomes a constant of the module."""
    name = f"K{chance.randrange(100)}"
    places = [
        keyword
        for call in _calls(tree)
        for keyword in call.keywords
        if isinstance(keyword.value, ast.Constant) and type(keyword.value.value) in (int, float)
    ]
    if not places or name in _bound(tree):
        return False
    keyword = chance.choice(places)
    tree.body.insert(_after_docstring(tree), ast.Assign([ast.Name(name, ast.Store())], keyword.value))
    keyword.value = ast.Name(name, ast.Load())
    return True


def _moved(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    """A function stands elsewhere."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if not functions:
        return False
    function = chance.choice(functions)
    tree.body.remove(function)
    tree.body.insert(chance.randint(_after_docstring(tree), len(tree.body)), function)
    return True


def _estimator(tree: ast.Module, chance: random.Random, pool: Pool) -> bool:
    """A model learns by another estimator."""
    learners = [call for call in _calls(tree) if _called(call) == "Learner" and len(call.args) > 1]
    if not learners:
        return False
    chance.choice(learners).args[1] = ast.parse(chance.choice(pool.estimators), mode="eval").body
    return True


# Edits after which all is equal, though the text, and perhaps the identity of its code, is another


def _equal(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    """A function gives what it gave, in other words."""
    places = [
        node
        for function in _functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Lambda) or (isinstance(node, ast.Return) and node.value is not None)
    ]
    if not places:
        return False
    place = chance.choice(places)
    name = "body" if isinstance(place, ast.Lambda) else "value"
    setattr(place, name, ast.IfExp(ast.Constant(True), getattr(place, name), ast.Constant(None)))
    return True


def _local(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    """A variable of a function gets another name."""
    found: list[tuple[ast.FunctionDef, str]] = []
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            inside = list(ast.walk(function))
            taken = {node.arg for node in inside if isinstance(node, ast.arg)}
            if not any(isinstance(node, ast.Global | ast.Nonlocal) for node in inside):
                stored = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
                found += [(function, name) for name in sorted(stored - taken)]
    if not found:
        return False
    function, old = chance.choice(found)
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == old:
            node.id = f"local{len(old)}"
    return True


def _explicit(tree: ast.Module, chance: random.Random, _pool: Pool) -> bool:
    """An argument that is the default is given."""
    calls = [call for call in _calls(tree) if isinstance(call.func, ast.Name) and call.func.id in _DEFAULTS]
    if not calls:
        return False
    call = chance.choice(calls)
    assert isinstance(call.func, ast.Name)
    given = ast.parse(f"f({chance.choice(_DEFAULTS[call.func.id])})", mode="eval").body
    assert isinstance(given, ast.Call)
    if given.keywords[0].arg in {keyword.arg for keyword in call.keywords}:
        return False
    call.keywords.extend(given.keywords)
    return True


# Edits of text


def _reformatted(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(3):
        place = chance.randrange(len(lines))
        if not lines[place].startswith((" ", ")", "]")):
            lines.insert(place, chance.choice(("", "# a remark", "#")))
    return "\n".join(lines) if chance.random() < 0.7 else text.replace("\n", "\r\n").replace("\r\r", "\r")


def _plain(text: str, _chance: random.Random) -> str:
    return ast.unparse(ast.parse(text)) + "\n"


_ON_TREE: Mapping[str, Callable[[ast.Module, random.Random, Pool], bool]] = {
    "number": _number,
    "operator": _operator,
    "statement": _statement,
    "dropped": _dropped,
    "features": _features,
    "result": _result,
    "unwanted": _unwanted,
    "renamed": _renamed,
    "option": _option,
    "constant": _constant,
    "moved": _moved,
    "failing": _failing,
    "estimator": _estimator,
    "equal": _equal,
    "local": _local,
    "explicit": _explicit,
}
_ON_TEXT: Mapping[str, Callable[[str, random.Random], str]] = {"reformatted": _reformatted, "plain": _plain}
KINDS = (
    *("number", "number", "number", "number", "operator", "statement", "dropped", "features", "features", "features"),
    *("result", "result", "unwanted", "renamed", "option", "option", "constant", "moved", "failing", "failing"),
    *("failing", "reformatted", "estimator", "estimator", "equal", "equal", "local", "explicit", "plain"),
)


# What is in a tree


def _functions(tree: ast.Module) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda))


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) and call.func.id in OPERATORS else ""


def _outputs(tree: ast.Module) -> list[ast.Expr]:
    last = tree.body[-1]
    shows = isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and isinstance(last.value.func, ast.Name)
    return [last] if shows and last.value.func.id == "Output" else []  # type: ignore[attr-defined, list-item]


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def _bound(tree: ast.Module) -> set[str]:
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return functions | set(_assigned(tree))


def _after_docstring(tree: ast.Module) -> int:
    """The place after the docstring and the imports."""
    return next(
        place
        for place, node in enumerate(tree.body)
        if not isinstance(node, ast.Import | ast.ImportFrom) and (place or not isinstance(node, ast.Expr))
    )
