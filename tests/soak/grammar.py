"""Writes workflow texts at random: valid ones, and ones with something wrong in them, from all that a text may hold.

The writer knows which names it bound to nodes of which kind, so that most of what it writes has a chance to compile;
``slips`` is how often it does something else on purpose.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from workflows.lang.constants import BUILTINS
from workflows.operators.base import Kind, Operator, Parameter, Type
from workflows.operators.registry import DECLARATIONS, OPERATORS

ESTIMATORS = (
    *("LogisticRegression(C={0}, max_iter={1})", "linear.SGDClassifier(alpha={0})", "SVC(C={0})", "KMeans({1})"),
    *("make_pipeline(StandardScaler(), LogisticRegression(C={0}))", "Pipeline([('a', PCA({1})), ('b', SVC())])"),
    *("Own(depth={1})", "OneVsRestClassifier(SVC(C={0}), n_jobs=None)", "lib_model.Model({0})", "PCA", "Own"),
)
IMPORTS = (
    "from sklearn.linear_model import LogisticRegression",
    "import sklearn.linear_model as linear",
    "from sklearn.svm import SVC",
    "from sklearn.pipeline import make_pipeline, Pipeline",
    "from sklearn.preprocessing import StandardScaler",
    "from sklearn.decomposition import PCA",
    "from sklearn.cluster import KMeans",
    "from sklearn.multiclass import OneVsRestClassifier",
    *("import numpy as np", "import re, functools", "import lib_model", "from helixweb.dsl import *"),
    *("from __future__ import annotations", "from helixweb.dsl import Field, Scale", "from . import x", "import a.b.c"),
    *("from nowhere import *", "import workflows.lang.parser", "from os import system as Field"),
)
NAMES = (
    "x",
    "y",
    "z",
    "names",
    "named",
    "f",
    "g",
    "K",
    "age",
    "rows",
    "job",
    "größe",
    "𝒳",
    "ﬁ",
    "_",
    "__name__",
    "é",
    "名",
)
STRINGS = (
    *('"age"', "'job'", '"train"', '"test"', '"all"', '""', "'a b'", 'r"\\d+"', '"""long\nstring"""', "'\\N{BULLET}'"),
    *('"\\x00"', '"\\ud800"', "'\\q'", '"é𝒳"', 'b"bytes"', "b'\\xff'", '"{}"', '"%s %d"', '"{0[a]!r:>{1}}"', '"a" "b"'),
    *('f"{x}"', 'f"{x!r:>10}"', "f'{x:{y}}'", 'f"{{}}{age}"', "f'''{\nx}'''", 'f"{x=}"', 'f"{1:99999999}"', '"\u2028"'),
)
NUMBERS = (
    *(
        "0",
        "1",
        "2",
        "-1",
        "10",
        "0.5",
        "1e308",
        "-0.0",
        "1e-400",
        "9j",
        "0x_ff",
        "1_000",
        "10**9",
        "2**63",
        "-(2**63)",
    ),
    *("10**10**10", "1 << 40", "True", "None", "float", "1e999", "1e999 - 1e999", "3 // 0", "7 % -3", "9" * 400),
)
BINARY = (*("+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "@"), *("==", "!=", "<", ">=", "in", "is"))
METHODS = (
    *("upper()", "split()", "split(',')", "join(['a', 'b'])", "format(1, a=2)", "center(9)", "zfill(70000)", "keys()"),
    *(
        "replace('a', 'bb')",
        "items()",
        "values()",
        "get('a')",
        "count(1)",
        "index(1)",
        "append(1)",
        "__class__",
        "encode()",
    ),
    *("partition('a')", "splitlines()", "title()", "translate({})", "format_map({})", "rjust(10**9)", "copy()"),
)
HUGE = (
    *('"a" * 10**9', "[0] * 10**9", "range(10**12)", "[0] * 15000", '"ab" * 30000', "1 << 10**9", "sum(range(9999))"),
    *('f"{1:>{10**9}}"', '"%*d" % (10**9, 1)', '"{:{}}".format(1, 10**9)', "sorted([1, 'a', None, 2.0, []])"),
    *("[[i for i in range(99)] for j in range(99)]", "{i: [i] * 99 for i in range(99)}", "max(range(10**30))"),
    *('"a" * 60000 % ()', "[*range(9999), *range(9999)]", '("x" * 999).replace("x", "y" * 999)', "(1, 2) * 9999"),
    *("10 ** 2400 % 7", "2 ** -8000", "0.1 ** 10000", "-1 ** 10**9", "1.5 ** 10**5", "(-8) ** 0.5", "1j ** 10**6"),
)
BODIES = (
    *("return b", "return b['age'].str.len() + K", "return b.shift(K)", "return np.log(b)", "global K\n    K += 1"),
    *("return getattr(b, x)", "return [g(v) for v in b]", "exec('1')", "yield b", "return lambda: b", "pass", "..."),
    *("while True: pass", "try:\n        return g(b)\n    except Exception:\n        raise", "return f'{b!r:{K}}'"),
    *(
        "nonlocal x",
        "import lib_model\n    return lib_model.x(b)",
        "return f(b)",
        "'''doc'''",
        "return b if b else g(b)",
    ),
    *(
        "match b:\n        case [x, *_] if x: return x\n        case {'a': y}: return y",
        "(z := b)\n    return z",
        "return 1",
    ),
)
ENDS = ("\n", "\r\n", "\r", "\n\n", "\n\x0c", " \\\n\n", "\n# é \x0b\n", ";", "\n\t")


class Writer:
    """Writes one text."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.slips = chance.choice((0.0, 0.02, 0.1, 0.4))
        self.fuel = chance.choice((20, 60, 200))  # how many expressions are left
        self.nodes: dict[Kind, list[str]] = {kind: [] for kind in Kind}
        self.bound: list[str] = []
        self.counter = 0

    def text(self) -> str:
        pick = self.chance
        lines = []
        if pick.random() < 0.3:
            lines.append(pick.choice(('"""What it does."""', "'one line'", '"""two\nlines\n"""')))
        lines += pick.sample(IMPORTS[:9], pick.randint(0, 9))
        if pick.random() < 0.9:
            lines += self.base()
        for _ in range(pick.choice((0, 1, 3, 8, 20))):
            lines.append(self.statement())
        if pick.random() < 0.6:
            lines.append(self.output())
        if self.slip():
            pick.shuffle(lines)
        end = pick.choice(ENDS[:2]) if pick.random() < 0.9 else pick.choice(ENDS)
        text = end.join(lines) + pick.choice(("", "\n"))
        return pick.choice(("\ufeff", "\x0c", "\n\n", " ", "\t")) + text if self.slip() else text

    def slip(self) -> bool:
        return self.chance.random() < self.slips

    def base(self) -> list[str]:
        """Nodes of the first kinds, which others are made of."""
        source = self.chance.choice(('FileSource("a.csv")', 'FileSource(train="a.csv", test="b.csv")'))
        made = [f"data = {source}", "rows = CSVScanner(data)"]
        if "train" not in source and self.chance.random() < 0.7:
            made[-1:] = ["all_rows = CSVScanner(data)", "rows = Split(all_rows, test=0.2)"]
        made += ['age = Field(rows, "age")', 'job = Field(rows, "job")']
        made += ["examples = Examples(rows, features=[age, job], label=job)"]
        self.nodes[Kind.SOURCE].append("data")
        self.nodes[Kind.ROWS].append("rows")
        self.nodes[Kind.FEATURE] += ["age", "job"]
        self.nodes[Kind.EXAMPLES].append("examples")
        return made

    # Statements

    def statement(self) -> str:
        kinds: Sequence[Callable[[], str]] = (
            *(self.node, self.node, self.node, self.node, self.constant, self.constant, self.function, self.function),
            *(self.loop, self.condition, self.nodes_in_list, self.nodes_in_dict, self.klass, self.strange),
        )
        return self.chance.choice(kinds)()

    def fresh(self) -> str:
        self.counter += 1
        return self.chance.choice(NAMES) if self.slip() else f"n{self.counter}"

    def constant(self) -> str:
        name = self.chance.choice(NAMES) if self.slip() else self.chance.choice((f"K{self.counter}", "K", self.fresh()))
        value = self.expression(3)
        self.bound.append(name)
        form = self.chance.choice(
            ("{0} = {1}", "{0} = {1}", "{0}: int = {1}", "{0} = other_{0} = {1}", "{0}, b{0} = {1}, 2")
        )
        return (
            form.format(name, value)
            if not self.slip()
            else f"{name} {self.chance.choice(('+=', ':=', '==', '='))} {value}"
        )

    def node(self) -> str:
        operator = self.chance.choice(tuple(OPERATORS.values()))
        name, call = self.fresh(), self.call(operator, 3)
        self.nodes[operator.kind].append(name)
        return f"{name} = {call}"

    def nodes_in_list(self) -> str:
        operator = self.chance.choice([one for one in OPERATORS.values() if one.kind is Kind.FEATURE])
        name = self.fresh()
        call = self.call(operator, 2)
        self.nodes[Kind.FEATURE] += [f"{name}[0]", f"*{name}"]
        items = self.chance.choice(("range(3)", '"abc"', '["age", "job"]', self.expression(2)))
        return f"{name} = [{call} for c in {items}]"

    def nodes_in_dict(self) -> str:
        operator = self.chance.choice(tuple(OPERATORS.values()))
        name = self.fresh()
        self.nodes[operator.kind].append(f'{name}["a"]')
        return self.chance.choice(
            (
                f'{name} = {{}}\nfor c in "ab":\n    {name}[c] = {self.call(operator, 2)}',
                f"{name} = {{c: {self.call(operator, 2)} for c in ('a', 'b')}}",
                f'{name} = {{"a": {self.call(operator, 2)}, **{{}}}}',
            )
        )

    def loop(self) -> str:
        target = self.chance.choice(("c", "i, c", "(i, (c, d))", "c", "x[0]"))
        body = self.indented([self.statement() for _ in range(self.chance.randint(1, 2))])
        return f"for {target} in {self.expression(2)}:\n{body}" + self.chance.choice(("", "", "\nelse:\n    pass"))

    def condition(self) -> str:
        otherwise = self.chance.choice(("", "\nelse:\n    x = 2", f"\nelif {self.expression(1)}:\n    pass"))
        return f"if {self.expression(2)}:\n{self.indented([self.statement()])}{otherwise}"

    def function(self) -> str:
        name = self.chance.choice(("f", "g", "h", self.fresh()))
        self.bound.append(name)
        decorator = self.chance.choice(
            ("", "", "", "@functools.lru_cache(9)\n", "@f\n@g\n", "@np.vectorize\n", "@x.y[0]\n")
        )
        arguments = self.chance.choice(("b", "b", "b, c=K", "*b, **c", "b, /, *, d=1", "b: 'int' = 3", ""))
        keyword = self.chance.choice(("def", "def", "def", "async def"))
        returns, body = self.chance.choice(("", " -> int")), self.chance.choice(BODIES)
        return f"{decorator}{keyword} {name}({arguments}){returns}:\n    {body}"

    def klass(self) -> str:
        bases = self.chance.choice(("", "(f)", "(BaseEstimator)", "(metaclass=x)", "(*names)", "(Own)"))
        body = self.chance.choice(
            ("depth: int = K", "def fit(self, x, y): return self", "x = f(K)", "pass", "__slots__ = 'a'")
        )
        answer = self.chance.choice(("x", "g(x)", "super()"))
        return f"class Own{bases}:\n    {body}\n    def predict(self, x): return {answer}"

    def strange(self) -> str:
        """What is no statement of the language, or hardly one."""
        deep = self.chance.choice((10, 45, 49, 51, 200))
        return self.chance.choice(
            (
                *(
                    f"while {self.expression(1)}:\n    x = 1",
                    "del rows",
                    "with open('a') as f:\n    pass",
                    "assert rows",
                ),
                *(
                    "try:\n    x = 1\nexcept* E:\n    pass",
                    "train, test = Split(rows)",
                    "rows.x = 1",
                    "x = yield",
                    "raise x",
                ),
                *("x = " + "(" * deep + "1" + ")" * deep, "x = " + "[" * deep + "]" * deep, "x = 1" + " + 1" * deep),
                *(
                    "x" + ".a" * deep + " = 1",
                    "x = " + "-" * deep + "1",
                    "y = " + "lambda: " * deep + "1",
                    "x = 1;; y = 2",
                ),
                *(
                    "x = [" + "1, " * 3000 + "]",
                    "# " + "é" * 5000,
                    "x = " + '"' + "a" * 9000 + '"',
                    "x = \\\n  1",
                    "return 1",
                ),
                *(
                    f"{self.expression(2)}",
                    f"await {self.expression(1)}",
                    "match x:\n    case 1: pass",
                    "global K",
                    "import",
                ),
                *(
                    "async for c in x: pass",
                    "nonlocal x",
                    "print(rows)",
                    "x = *names, 1",
                    "type X = int",
                    "lambda: (yield)",
                ),
                *(
                    "\tx = 1",
                    "  x = 1",
                    "x = 1\n  y = 2",
                    "\x0cx = 1",
                    "x = 1\x1a",
                    "x\u00a0= 1",
                    "x = '''",
                    "x = f'{'",
                    ")",
                    "\\",
                ),
                *(
                    "\x00",
                    "x = '\ud800'",
                    "\udfff = 1",
                    "x = 0777",
                    "x = 1if 1else 2",
                    "K = K",
                    self.chance.choice(IMPORTS),
                ),
                *(
                    "Output = 3",
                    "def Field(a): pass",
                    "class rows: pass",
                    "for Scale in 'a': pass",
                    "rows = rows",
                    "x: Field",
                ),
            )
        )

    def output(self) -> str:
        kinds = [kind for kind in Kind if self.nodes[kind] and (kind is not Kind.SOURCE or self.slip())]
        wanted = [
            self.chance.choice(self.nodes[self.chance.choice(kinds)]) for _ in range(self.chance.randint(1, 3)) if kinds
        ]
        return f"Output({', '.join(wanted)})"

    @staticmethod
    def indented(statements: list[str]) -> str:
        return "\n".join("    " + line for statement in statements for line in statement.split("\n"))

    # Operator calls

    def call(self, operator: Operator, depth: int) -> str:
        if self.slip():
            operator = self.chance.choice(tuple(DECLARATIONS.values()))
        given: list[str] = []
        for parameter in operator.accepted:
            if not (parameter.required or self.chance.random() < 0.25) or self.slip():
                continue
            given.append(self.argument(parameter, depth))
        if self.slip():
            given.append(
                self.chance.choice(
                    (self.expression(1), "seed=1", "agee=3", "*names", "**{'bins': 3}", "**x", "cache=K")
                )
            )
        name = operator.name if not self.slip() else operator.name[:-1]
        return f"{name}({', '.join(given)})"

    def argument(self, parameter: Parameter, depth: int) -> str:
        if parameter.variadic and parameter.type is Type.PATHS:
            return 'train="a.csv", other="b.csv"'
        if parameter.variadic:
            count = max(int(parameter.minimum or 1), self.chance.randint(1, 3))
            return ", ".join(self.operand(parameter, depth) for _ in range(count))
        if parameter.type is Type.NODES:
            value = f"[{', '.join(self.operand(parameter, depth) for _ in range(self.chance.randint(1, 3)))}]"
        elif parameter.type is Type.NODE:
            value = self.operand(parameter, depth)
        else:
            value = self.expression(depth - 1) if self.slip() else self.value(parameter)
        return f"{parameter.name}={value}"

    def operand(self, parameter: Parameter, depth: int) -> str:
        self.fuel -= 1
        kinds = [kind for kind in parameter.kinds if self.nodes[kind]]
        if self.slip() or not kinds:
            return self.chance.choice(("rows", "age", "data", "job", self.chance.choice(NAMES), "names", '"age"'))
        if depth > 0 and self.fuel > 0 and self.chance.random() < 0.3:
            nested = [one for one in OPERATORS.values() if one.kind in parameter.kinds]
            return self.call(self.chance.choice(nested), depth - 1)
        name = self.chance.choice(self.nodes[self.chance.choice(kinds)])
        split = self.chance.choice(("train", "test", "all"))
        return f'{name}["{split}"]' if self.slip() else name

    def value(self, parameter: Parameter) -> str:
        choose = self.chance.choice
        if parameter.choices and parameter.type is Type.STRING:
            return repr(choose(parameter.choices))
        match parameter.type:
            case Type.FUNCTION | Type.FUNCTION_OR_EXPRESSION:
                function = choose(
                    ("f", "g", "lambda b: b", "lambda *b: K", "lambda b, c=1: (b, c)", "np.log", "len", "str.upper")
                )
                return choose((function, '"age > 3 and job is not None"', '"age >"', "f'age > {K}'"))
            case Type.ESTIMATOR | Type.TRANSFORMER:
                return choose(ESTIMATORS).format(choose(("0.1", "1.0", "K", "x")), choose(("2", "10", "K")))
            case Type.INTEGER | Type.NUMBER:
                return choose(("1", "2", "10", "K", "3 - 1", "0.5", "len('abc')"))
            case Type.FRACTION:
                return choose(("0.2", "1 / 3", "1", "0"))
            case Type.STRINGS | Type.NUMBERS:
                return choose(
                    ('["a", "b"]', '"a"', "(1, 2, 3)", "[c for c in 'ab']", "[]", "[1.5, 0.5]", "sorted('cab')")
                )
            case Type.BOOLEAN:
                return choose(("True", "False", "1 < 2", "0"))
            case Type.MAPPING:
                return choose(('{"age": "int"}', "{}", '{"zip": "str", "x": "nope"}', "dict(a=1)"))
        return choose(STRINGS)

    # Constant expressions

    def expression(self, depth: int) -> str:
        self.fuel -= 1
        pick = self.chance
        if depth <= 0 or self.fuel <= 0:
            return self.leaf()
        inner = self.expression
        form = pick.randrange(18)
        one = inner(depth - 1)
        match form:
            case 0 | 1:
                return f"({one} {pick.choice(BINARY)} {inner(depth - 1)})"
            case 2:
                return f"[{one}, {inner(depth - 1)}]"
            case 3:
                return f"{{{one}: {inner(depth - 1)}}}"
            case 4:
                return f"[{pick.choice(('c', one, '(c, c)'))} for c in {inner(depth - 1)} if {inner(depth - 2)}]"
            case 5:
                return f"{{c: {one} for c in {inner(depth - 1)}}}"
            case 6:
                return f"{pick.choice((*BUILTINS, 'print', 'str'))}({one})"
            case 7:
                return f"({one}).{pick.choice(METHODS)}"
            case 8:
                key = pick.choice(("0", "-1", "1:", "::2", '"a"', "::0", inner(depth - 1)))
                return f"({one})[{key}]"
            case 9:
                return f"({one} if {inner(depth - 1)} else {inner(depth - 1)})"
            case 10:
                field = one.replace("'", '"') + pick.choice(("", "!r", ":>9", "!x", ":{K}", "=", ":%Y"))
                return f"f'{{{field}}}'"
            case 11:
                return f"({one} {pick.choice(('and', 'or', 'not in', 'is not', '< 1 <'))} {inner(depth - 1)})"
            case 12:
                return f"{pick.choice(('-', '~', 'not ', '+', '*', 'await '))}({one})"
            case 13:
                return pick.choice((f"{{{one}, {inner(depth - 1)}}}", f"(lambda: {one})", f"(x := {one})", f"({one},)"))
            case 14:
                return f"[*{one}, **{inner(depth - 1)}]" if self.slip() else f"[*{one}]"
            case 15:
                return pick.choice(HUGE)
        return one

    def leaf(self) -> str:
        pick = self.chance
        kind = pick.random()
        if kind < 0.4:
            return pick.choice(NUMBERS[:12]) if pick.random() < 0.8 else pick.choice(NUMBERS)
        if kind < 0.75:
            return pick.choice(STRINGS)
        if kind < 0.9 and self.bound:
            return pick.choice(self.bound)
        return pick.choice((*NAMES, "c", "LogisticRegression", "range(5)", "()", "[]", "{}", "...", "len", "object"))
