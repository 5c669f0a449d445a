"""The compiler is total: for any text it ends soon and tells what is wrong, and it never raises."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflows.compiler.total import compile_and_hold
from tests.workflows.texts import BASE, CENSUS, generated, mangled, scrambled
from workflows.compiler import Compiled, compile_workflow

FUZZ = settings(
    max_examples=250, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
KILOBYTES = 64 * 1024


@FUZZ
@given(generated)
def test_generated_texts_compile_or_say_why_not(text: str) -> None:
    compile_and_hold(text)


@FUZZ
@given(mangled())
def test_mangled_workflows_compile_or_say_why_not(text: str) -> None:
    compile_and_hold(text)


@FUZZ
@given(st.one_of(scrambled, st.text(max_size=80), st.binary(max_size=80).map(lambda raw: raw.decode("latin-1"))))
def test_nonsense_is_told_as_such(text: str) -> None:
    compile_and_hold(text)


@FUZZ
@given(generated)
def test_compiling_is_deterministic(text: str) -> None:
    assert compile_workflow(text) == compile_workflow(text)


def filled(unit: str, before: str = "", size: int = KILOBYTES) -> str:
    return before + unit * ((size - len(before.encode())) // len(unit.encode()))


BOUND = "x = 1\nfor i in range(10000):\n    "
LONG = "y = [0] * 15000\nz = 'a' * 60000\n"
ITEMS = f"[{'1, ' * 14000}]"
HOSTILE = {
    "a tower of powers": "x = 10**10**10",
    "a power of a power": f"x = 3**5000\n{BOUND}z = x*x*x*x % x",
    "a long string": 'x = "a" * 10**9',
    "a long list": "x = [0] * 10**9",
    "a wide shift": "x = 1 << 10**9",
    "a wide field": 'x = f"{1:1000000000}"',
    "a wide percent field": 'x = "%1000000000d" % 1',
    "a width as an argument": 'x = "%*d" % (10**9, 1)',
    "a wide format": 'x = "{:1000000000}".format(1)',
    "a nested format": 'x = "{:{}}".format(1, 10**9)',
    "a format that reaches inside": 'x = "{0.__class__.__mro__}".format(1)',
    "a wide centre": 'x = "a".center(10**9)',
    "a growing replacement": 'x = ("a" * 60000).replace("a", "b" * 60000)',
    "a long join": 'x = ("a" * 60000).join(["b"] * 15000)',
    "a long join of a string": "x = ('a' * 60000).join('a' * 15000)",
    "a percent format that repeats": "x = '%(a)s' * 10000 % {'a': 'a' * 60000}",
    "a format that repeats": "x = ('{0}' * 1200).format('a' * 60000)",
    "a long range": "x = 0.5 in range(10**9)",
    "a longer range": "x = sum(range(10**30))",
    "loops in loops": "for i in range(10000):\n    for j in range(10000):\n        x = i",
    "comprehensions in comprehensions": "x = [[[i for i in range(99)] for j in range(99)] for k in range(99)]",
    "lists in lists": "x = []\nfor i in range(10000):\n    x = [x]",
    "doubling lists": "x = [1]\nfor i in range(10000):\n    x = [x, x]",
    "squares": "x = 2\nfor i in range(10000):\n    x = x * x",
    "comparing long lists": f"{LONG}for i in range(10000):\n    w = y == y",
    "changing long strings": f"{LONG}for i in range(10000):\n    w = z.upper()",
    "showing long lists": f'{LONG}for i in range(10000):\n    w = f"{{y}}"',
    "passing long lists": f"{LONG}{BASE}w = [Transform(age, f(y)) for i in range(10000)]\ndef f(a): pass",
    "sorting long lists": f"{LONG}for i in range(10000):\n    w = sorted(y)",
    "a dict in itself": "x = {}\nx['a'] = x",
    "many nodes": f"{BASE}w = [Scale(Field(rows, f'c{{i}}')) for i in range(15000)]",
    "all pairs": f"{BASE}w = [Field(rows, 'c') for i in range(900)]\nv = [Interaction(a, b) for a in w for b in w]",
    "many operands": f"{BASE}w = [age for i in range(900)]\nv = [Examples(rows, w) for i in range(900)]",
    "open brackets": "(" * 60000,
    "open brackets in lines": filled("(\n"),
    "minuses": "-" * 60000 + "1",
    "a long sum": "x = 1" + "+1" * 30000,
    "a long chain of attributes": "a" + ".a" * 30000,
    "a long chain of calls": "a" + "()" * 30000,
    "a long chain of comparisons": "x = " + "1 < " * 15000 + "1",
    "a long chain of conditions": "if 0:\n pass\n" + "elif 0:\n pass\n" * 4000,
    "deep blocks": "".join(" " * depth + "if 1:\n" for depth in range(300)),
    "deep lambdas": "x = " + "lambda: " * 7000 + "1",
    "errors in every line": filled("x x\n"),
    "strings without end": filled('x = """a"\n'),
    "one error in a long text": filled("x0 = 1\n", "y y\n"),
    "unknown names": filled("b = aq\n"),
    "unknown operators": f"{BASE}{filled('x = Scal(age)', size=60000)}",
    "unknown parameters": BASE + "".join(f"x{i} = Scale(agee, methd=3)\n" for i in range(2000)),
    "a chain of functions": "".join(f"def f{i}(a): return f{max(i - 1, 0)}(a)\n" for i in range(900))
    + BASE
    + "".join(f"x{i} = Map(rows, f{i})\n" for i in range(900)),
    "a chain of classes": "".join(
        f"class A{i}(A{max(i - 1, 0)}): x = {i}\n" if i else "class A0: pass\n" for i in range(1400)
    ),
    "a crowd of decorators": "L = []\ndef r(f):\n    L.append(f)\n    return f\n"
    + "".join(f"@r\ndef f{i}(a): return L\n" for i in range(1400))
    + f"{BASE}x = Map(rows, f1)",
    "lambdas in a loop": f"{BASE}x = [Map(rows, lambda b: b[c]) for c in range(6000)]",
    "many targets": "for i in range(10000):\n    " + "z = " * 200 + "i",
    "targets for what is broken": "for i in range(10000):\n    " + "z, " * 2000 + "= nope",
    "what has no effect": f"for i in range(10000):\n    lambda: {ITEMS}",
    "what cannot be bound": f"x = 1\nfor i in range(10000):\n    (x if 1 else {ITEMS}).a = 0",
    "what cannot be unpacked": f"{BASE}for i in range(10000):\n    a, b = Split(rows if 1 else {ITEMS})",
    "a node without a name": f"{BASE}for i in range(10000):\n    Scale(rows if 1 else {ITEMS})",
    "what does not change": f"x = []\nfor i in range(10000):\n    (x if 1 else {ITEMS}).append(0)",
    "a wrong kind": f"{BASE}w = [Scale(rows if 1 else {ITEMS}) for i in range(10000)]",
    "a block that is broken": "for i in range(10000):\n    for j in nope:\n" + "        x = 1\n" * 4500,
    "a condition that is broken": "for i in range(10000):\n    if nope:\n" + "        x = 1\n" * 4500,
    "many free names": f"x = [lambda: [{','.join(f'n{i}' for i in range(9000))}] for i in range(10000)]",
    "many options": f"{BASE}d = {{f'k{{i}}': 1 for i in range(4000)}}\nw = [Scale(age, **d) for i in range(9000)]",
    "many options one by one": f"{BASE}w = [Scale(age, {', '.join(f'k{i}=1' for i in range(4999))}) for i in range(9)]",
    "many arguments": f"{BASE}d = [1] * 4000\nw = [Scale(*d) for i in range(9000)]",
    "many columns": f"{BASE}c = [f'c{{i}}' for i in range(4000)]\nw = [CSVScanner(data, c) for i in range(3000)]",
    "large constructions": f"{BASE}from a import b\nx = b([1] * 4000)\nw = [Learner(x, x) for i in range(9000)]",
    "doubling constructions": f"{BASE}from a import b\nx0 = b(1)\n"
    + "".join(f"x{i + 1} = b(x{i}, x{i})\n" for i in range(40))
    + "w = Learner(Examples(rows, [age]), x40)",
    "large captured values": f"{BASE}x = [Map(rows, lambda b: (c, i)) for c in [[0] * 3000] for i in range(5000)]",
    "a long word before an error": "x = " + "é" * 30000 + " y\n",
    "too long a text": "x = 1\n" * 20000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_told_within_the_limits(text: str) -> None:
    compile_and_hold(text)  # a limit that is missing shows as a test that does not end


def test_limits_are_told_kindly() -> None:
    nested = compile_workflow("x = " + "[" * 60 + "]" * 60).diagnostics
    assert [found.code for found in nested] == ["nested-too-deeply"]
    assert "50 deep" in nested[0].message
    long = compile_workflow("x = 1\n" * 20000).diagnostics
    assert [found.code for found in long] == ["text-too-long"]
    assert "65,536" in long[0].message


def test_nesting_up_to_the_limit_is_read() -> None:
    assert compile_workflow("x = " + "[" * 45 + "]" * 45).dag is not None


def test_a_deep_stack_beneath_the_compiler_does_no_harm() -> None:
    text = "x = " + "(" * 48 + "1" + ",)" * 48 + "\n" + CENSUS

    def deep(frames: int) -> Compiled:
        return deep(frames - 1) if frames else compile_workflow(text)

    assert deep(250).diagnostics == compile_workflow(text).diagnostics


@pytest.mark.parametrize("text", [" x\ny = 1", "\tx = 1\ny = 1", ")\ny = 1"])
def test_a_text_whose_first_line_is_broken_has_an_error(text: str) -> None:
    found = compile_and_hold(text).diagnostics
    assert [(one.code, one.span.line) for one in found if one.severity == "error"] == [("syntax", 1)]


def test_an_escape_that_python_does_not_know_is_told_and_runs() -> None:
    compiled = compile_and_hold(CENSUS.replace('">50K"', r'">50K\d"'))
    assert [one.code for one in compiled.diagnostics] == ["escape"]
    assert compiled.program is not None
    assert compiled.program.statements()


@pytest.mark.parametrize(
    "text", ["x = '\\ud800'", "x = '%c' % 0xd800", "x = f'{0xd800:c}'", "x\ud800 = 1", "x = '\ud800'"]
)
def test_half_a_character_is_told_in_whole_ones(text: str) -> None:
    (found,) = compile_and_hold(text).diagnostics
    assert f"{found.message}{found.hint}".encode()


def test_a_path_with_a_null_character_is_told() -> None:
    (found,) = compile_and_hold("rows = CSVScanner(FileSource('a\\0b'))\nOutput(rows)").diagnostics
    assert "null character" in found.message


@pytest.mark.parametrize("text", ["f'{\"\u2028\"!r}'", BASE + "x = Filter(rows, '''(f\"{'\u2028'}\")() > 1''')"])
def test_what_python_cannot_write_back_is_told_all_the_same(text: str) -> None:
    assert [one.severity for one in compile_and_hold(text).diagnostics] == ["error"]


@pytest.mark.parametrize(
    "text",
    ["2 \\\n (\xdf)\\", "r(s='''\n '''\"\"'',\u540d)", "''\\\n \\ "],
    ids=["a line that goes on", "a string of two lines", "a stray backslash"],
)
def test_a_syntax_error_in_a_statement_of_several_lines_is_told_within_the_text(text: str) -> None:
    assert compile_and_hold(text).dag is None
