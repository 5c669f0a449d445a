"""Constants: what they come to is what Python says, or they are refused."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.workflows.texts import constants
from workflows.compiler import compile_workflow

NAMES = {"x": 3, "y": [1, 2, "a"], "c": {"a": 1}, "age": "years"}
BOUND = "".join(f"{name} = {value!r}\n" for name, value in NAMES.items())


def evaluated(expression: str) -> Any:
    """What the compiler makes of an expression. Raises LookupError where it refuses."""
    compiled = compile_workflow(f"{BOUND}value = {expression}\n")
    if compiled.program is None:
        raise LookupError(compiled.diagnostics[0].message)
    return compiled.program.constants["value"]


def exact(value: Any) -> str:
    """The value with its type all through: 1, 1.0 and True differ. A set has no order."""
    match value:
        case set() | frozenset():
            return f"{type(value).__name__}({sorted(map(exact, value))})"
        case list() | tuple():
            return f"{type(value).__name__}({[exact(item) for item in value]})"
        case dict():
            return f"dict({[(exact(key), exact(item)) for key, item in value.items()]})"
    return repr(value)


@settings(max_examples=800, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(constants)
def test_a_constant_is_what_python_says_or_is_refused(expression: str) -> None:
    lists = expression.replace("range(5)", "[0, 1, 2, 3, 4]")
    try:
        ours = exact(evaluated(lists))
    except LookupError:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        assert ours == exact(eval(lists, dict(NAMES)))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3 ** 2 // 4 % 5 - -1", 1 + 2 * 3**2 // 4 % 5 - -1),
        ("7 / 2, 7 // 2, 7 % 2, 1 << 3, 9 >> 1, 6 & 3, 6 | 3, 6 ^ 3, ~6", (3.5, 3, 1, 8, 4, 2, 7, 5, -7)),
        ("'a' + 'b' * 3", "abbb"),
        ("'a-b'.upper().split('-')", ["A", "B"]),
        ("', '.join(['a', 'b'])", "a, b"),
        ("f'{x:03d} {age!r} {x * 2}'", "003 'years' 6"),
        ("'{} {n}'.format(1, n=2)", "1 2"),
        ("'%s is %d' % ('a', 1)", "a is 1"),
        ("[*y, 3], {**c, 'b': 2}", ([1, 2, "a", 3], {"a": 1, "b": 2})),
        ("[a * b for a in [1, 2] for b in [3, 4] if a != b]", [3, 4, 6, 8]),
        ("{k: v + 1 for k, v in c.items()}", {"a": 2}),
        ("{v % 2 for v in [1, 2, 3]}", {0, 1}),
        ("sum(i for i in range(4)), max([1, 3]), min(3, 1), len(y)", (6, 3, 1, 3)),
        ("list_ if False else sorted([3, 1], reverse=True)", [3, 1]),
        ("[i for i, name in enumerate(['a', 'b'], start=1)]", [1, 2]),
        ("[a + b for a, b in zip([1, 2], [3, 4])]", [4, 6]),
        ("y[0], y[-1], y[::-1], age[1:3], c['a']", (1, "a", ["a", 2, 1], "ea", 1)),
        ("1 < 2 < 3 and not 2 > 3 or missing", True),
        ("'a' in c and 2 in y and 'z' not in age", True),
        ("c.get('z', 5)", 5),
        ("range(2, 8, 3)", [2, 5]),
        ("None is None, b'x', 1j, 0x10, 1_000", (True, b"x", 1j, 16, 1000)),
        ("(0 or [] or 'last')", "last"),
    ],
)
def test_constants_have_the_operations_of_the_language(expression: str, value: Any) -> None:
    assert exact(evaluated(expression)) == exact(value)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("1 / 0", "division by zero"),
        ("[1, 2][5]", "out of range"),
        ("{'age': 1}['aeg']", 'no item "aeg"'),
        ("'a' + 1", "can only concatenate"),
        ("int('3')", "Python's `int` cannot be called"),
        ("y.append(3)", "no method `append`"),
        ("'a'.__class__", "has no value while compiling"),
        ("'{0.__class__}'.format(1)", "A field of a format"),
        ("sorted(y, key=x)", "takes no `key=`"),
        ("sum([[1], [2]])", "`sum` adds numbers"),
        ("[v for v in {1, 2}]", "A set has no order"),
        ("','.join({'a', 'b'})", "A set has no order"),
        ("{[1]: 2}", "cannot be a key"),
        ("(yield 1)", "not part of the workflow language"),
        ("(z := 3)", "not part of the workflow language"),
        ("...", "no value of a workflow"),
        ("x @ x", "none of the language"),
        ("10 ** 5000", "too large"),
        ("2 ** -9999999", "too large"),
        ("'ab' * 40000", "too large"),
    ],
)
def test_what_has_no_value_is_refused_with_a_reason(expression: str, message: str) -> None:
    with pytest.raises(LookupError, match=message.replace("(", r"\(").replace("{", r"\{")):
        evaluated(expression)


def test_integers_up_to_the_limit_are_kept() -> None:
    assert evaluated("2 ** 8000") == 2**8000
    assert evaluated("(-1) ** 99999, 0 ** 99999, 1 ** 99999") == (-1, 0, 1)


def test_large_but_honest_texts_are_evaluated() -> None:
    assert len(evaluated("[f'column {i}' for i in range(5000)]")) == 5000
    assert len(evaluated("'a' * 60000")) == 60000


def test_an_operation_on_what_was_refused_is_told_once() -> None:
    compiled = compile_workflow("a = 1 / 0\nb = a + 1\nc = [a, b]\nd = f'{c}' + a\n")
    assert [found.span.line for found in compiled.diagnostics] == [1]
