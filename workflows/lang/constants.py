"""What constants can do while compiling: total operations, within limits of size, that run no user code."""

from __future__ import annotations

import ast
import operator
import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from workflows.errors import HelixError, nearest
from workflows.lang.syntax import BROKEN, Construction, Definition, Imported, NodeRef, Value, kind_of, quoted

MAX_BITS = 8192  # of an integer
MAX_CHARACTERS = 64 * 1024  # of a string
MAX_WEIGHT = 20_000  # items in a value, nested ones too; 16 characters weigh as much as an item
MAX_DEPTH = 50  # of lists in lists
_COMPARED = 100  # keys that a near one is looked for among
_SMALL = 2**127  # whole numbers below weigh 1
_PLAIN = (type(None), bool, int, float, complex, str, bytes)  # constants that hold no other value

BUILTINS = ("range", "len", "zip", "enumerate", "sorted", "min", "max", "sum")
TYPES = frozenset(("bool", "int", "float", "complex", "str", "bytes", "list", "tuple", "dict", "set", "object"))
"""Types that user code and estimators are given by name: ``defaultdict(list)``, ``CountVectorizer(dtype=float)``."""

_STRING_METHODS = frozenset(
    (
        *("capitalize", "casefold", "center", "count", "endswith", "find", "format", "index", "isalnum", "isalpha"),
        *("isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isspace", "istitle", "isupper"),
        *(
            "join",
            "ljust",
            "lower",
            "lstrip",
            "partition",
            "removeprefix",
            "removesuffix",
            "replace",
            "rfind",
            "rindex",
        ),
        *("rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title"),
        *("upper", "zfill"),
    )
)
_METHODS: Mapping[type, frozenset[str]] = {
    str: _STRING_METHODS,
    dict: frozenset(("keys", "values", "items", "get")),
    list: frozenset(("count", "index")),
    tuple: frozenset(("count", "index")),
}
_WIDTH = re.compile(r"\d{4,}")  # a width or precision that makes more text than a constant may hold
_PERCENT_WIDTH = re.compile(r"%[^a-zA-Z%]*(\d{4,}|\*)")
_FIELD = re.compile(r"\w*(\[\w+\])*")

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}
_REDUCING: Mapping[str, Callable[..., Any]] = {"sorted": sorted, "min": min, "max": max, "sum": sum}
_CONVERSIONS: Mapping[int, Callable[[Any], str]] = {ord("r"): repr, ord("s"): str, ord("a"): ascii}
_FAILURES = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError)


class Refused(HelixError):
    """An operation on constants that has no value, or none within the limits."""

    def __init__(self, message: str, hint: str = "Write a value that there is.", code: str = "constant") -> None:
        super().__init__(message, hint=hint)
        self.hint = hint
        self.code = code


def binary(kind: type[ast.operator], left: Value, right: Value) -> Value:
    """``left <operator> right``. Raises Refused."""
    if kind not in _BINARY:
        raise Refused("This operator is none of the language.", "Compute it in a function.")
    _need_constants(left, right)
    if kind is ast.Pow:
        _check_power(left, right)
    elif kind is ast.LShift and isinstance(right, int) and right > MAX_BITS:
        raise too_large()
    elif kind is ast.Mult:
        _check_repetition(left, right)
    elif kind is ast.Mod and isinstance(left, str) and _PERCENT_WIDTH.search(left):
        raise too_large()
    elif kind is ast.Mod and isinstance(left, bytes):
        raise Refused("Bytes cannot be formatted here.", "Format a string.")
    return _attempt(_BINARY[kind], left, right)


def unary(kind: type[ast.unaryop], operand: Value) -> Value:
    """``<operator> operand``. Raises Refused."""
    return not truth(operand) if kind is ast.Not else _attempt(_UNARY[kind], _need_constants(operand))


def compare(kind: type[ast.cmpop], left: Value, right: Value) -> bool:
    """``left <comparison> right``. Raises Refused."""
    if isinstance(left, NodeRef) or isinstance(right, NodeRef):
        raise Refused("Nodes have no value while compiling, so they cannot be compared.", "Compare in a function.")
    return bool(_attempt(_COMPARE[kind], left, right))


def truth(value: Value) -> bool:
    """Whether a constant counts as true. Raises Refused for what has no value while compiling."""
    if isinstance(value, NodeRef | Construction | Imported):
        raise Refused(
            f"{kind_of(value).capitalize()} has no value while compiling, so it is neither true nor false.",
            "Conditions are over constants; decide on data in a function.",
        )
    return bool(value)


def item(container: Value, key: Value) -> Value:
    """``container[key]``, the key perhaps a slice. Raises Refused."""
    if isinstance(container, dict):
        try:
            if key in container:
                return container[key]
        except TypeError as error:
            raise Refused(f"This cannot be a key: {error}.") from None
        near = (
            nearest(key, [name for name in list(container)[:_COMPARED] if isinstance(name, str)])
            if isinstance(key, str)
            else None
        )
        raise Refused(
            f"There is no item {quoted(key)}.", f'Did you mean "{near}"?' if near else _keys_listed(container)
        )
    return _attempt(operator.getitem, _need_constants(container), key)


def call_builtin(name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """One of BUILTINS. What Python gives lazily (range, zip, enumerate) is a list here. Raises Refused."""
    for value in args:
        if isinstance(value, NodeRef):
            raise Refused(f"`{name}` takes constants, and this is a node.", "Use a Reducer to compute on data.")
        if isinstance(value, set) and name in ("zip", "enumerate"):
            raise Refused("A set has no order.", "Write sorted(…) around it.")
    if "key" in kwargs:
        raise Refused(f"`{name}` takes no `key=` here: no function runs while compiling.", "Sort without it.")
    match name:
        case "range":
            numbers = _attempt(range, *args, **kwargs)
            if numbers and (numbers[-1] - numbers[0]) // (numbers.step or 1) >= MAX_WEIGHT:
                raise too_large()
            return list(numbers)
        case "zip":
            return list(_attempt(zip, *args, **kwargs))
        case "enumerate":
            return list(_attempt(enumerate, *args, **kwargs))
        case "len":
            return _attempt(len, *args, **kwargs)
        case "sum":
            if args and not all(isinstance(value, int | float | complex) for value in _attempt(iter, args[0])):
                raise Refused("`sum` adds numbers.", "Write [*first, *second] to join lists, and join() for strings.")
    return _attempt(_REDUCING[name], *args, **kwargs)


def call_method(owner: Value, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """A method of a string, dict, list or tuple that changes nothing. Raises Refused."""
    known = _METHODS.get(type(owner), frozenset())
    if name not in known:
        near = nearest(name, known)
        what = kind_of(owner)
        raise Refused(
            f"{what[:1].upper()}{what[1:]} has no method `{name}` while compiling.",
            f"Did you mean `{near}`?" if near else _method_hint(name),
        )
    if isinstance(owner, str):
        _check_growth(owner, name, args, kwargs)
    result = _attempt(getattr(owner, name), *args, **kwargs)
    return list(result) if isinstance(owner, dict) and name != "get" else result


def formatted(value: Value, conversion: int, spec: str) -> str:
    """A replacement field of an f-string. Raises Refused."""
    _need_constants(value)
    if _WIDTH.search(spec):
        raise too_large()
    converted = _CONVERSIONS[conversion](value) if conversion in _CONVERSIONS else value
    return str(_attempt(format, converted, spec))


def weight(value: Value, depth: int = 0) -> int:
    """How much a value weighs: its items, nested ones too, and its characters. Raises Refused beyond the limits."""
    match value:
        case NodeRef():
            return 1
        case str() | bytes():
            if len(value) > MAX_CHARACTERS:
                raise too_large()
            if isinstance(value, str) and not is_text(value):
                raise Refused("This string holds half a character (a lone surrogate).", "Write the whole character.")
            return 1 + len(value) // 16
        case bool() | float() | None:
            return 1
        case int():
            if value.bit_length() > MAX_BITS:
                raise too_large()
            return 1 + value.bit_length() // 128
        case list() | tuple() | set():
            return _weight_of(value, depth)
        case dict():
            return _weight_of(value, depth) + _weight_of(value.values(), depth)
        case Construction():
            return _weight_of((*value.args, *value.kwargs.values()), depth)
    return 1


def is_text(value: str) -> bool:
    """Whether a string can be stored and sent: lone surrogates cannot."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def iterated(value: Value) -> list[Value]:
    """The items of a constant, in order. Raises Refused for what has none, or no order."""
    match value:
        case list() | tuple() | str() | dict():
            return list(value)
        case set():
            raise Refused("A set has no order, and the order matters here.", "Write sorted(…) around it.")
    raise Refused(f"This is {kind_of(value)}, and has no items.", "Loops and stars are over lists, tuples and dicts.")


def too_large() -> Refused:
    return Refused(
        "This value is too large to be a constant of a workflow.", "Make large values in a function.", "too-large"
    )


def _weight_of(items: Iterable[Value], depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise too_large()
    total = 1
    for member in items:
        small = type(member) is int and -_SMALL < member < _SMALL
        total += 1 if small else weight(member, depth + 1)
        if total > MAX_WEIGHT:
            raise too_large()
    return total


def _attempt(function: Callable[..., Any], *args: Value, **kwargs: Value) -> Any:
    try:
        return function(*args, **kwargs)
    except _FAILURES as error:
        what = str(error.args[-1]) if error.args else type(error).__name__
        raise Refused(f"This has no value: {what[:1].lower() + what[1:]}.") from None


def _need_constants(*values: Value) -> Value:
    for value in values:
        if value is BROKEN or isinstance(value, NodeRef | Construction | Imported | Definition):
            raise Refused(
                f"This is {kind_of(value)}, which has no value while compiling.",
                "Use a function (an Extractor, Map or Reducer) to compute on data.",
            )
    return values[0]


def _check_power(base: Value, exponent: Value) -> None:
    whole = isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1
    if whole and ((base.bit_length() - 1) * abs(exponent) > MAX_BITS):
        raise too_large()


def _check_repetition(left: Value, right: Value) -> None:
    for times, repeated in ((left, right), (right, left)):
        if isinstance(times, int) and isinstance(repeated, str | bytes | list | tuple):
            limit = MAX_CHARACTERS if isinstance(repeated, str | bytes) else MAX_WEIGHT
            if times > limit or times * len(repeated) > limit:
                raise too_large()


def _check_growth(owner: str, name: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> None:
    """Refuses what would make a string beyond the limit, before it is made."""
    if name in ("center", "ljust", "rjust", "zfill"):
        if args and isinstance(args[0], int) and args[0] > MAX_CHARACTERS:
            raise too_large()
    elif name == "replace" and len(args) >= 2 and all(isinstance(value, str) for value in args[:2]):
        if len(owner) + owner.count(args[0]) * len(args[1]) > MAX_CHARACTERS:
            raise too_large()
    elif name == "join" and args and isinstance(args[0], list | tuple | dict | set | str):
        if isinstance(args[0], set):
            raise Refused("A set has no order.", "Write sorted(…) around it.")
        if len(owner) * len(args[0]) > MAX_CHARACTERS:
            raise too_large()
    elif name == "format":
        _check_fields(owner)
        _need_constants(None, *args, *kwargs.values())


def _check_fields(template: str) -> None:
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError as error:
        raise Refused(f"This format cannot be read: {error}.") from None
    for _, name, spec, _ in fields:
        if name is not None and not _FIELD.fullmatch(name):
            raise Refused("A field of a format is a name, a number or an index.", "Write an f-string.")
        if spec and ("{" in spec or _WIDTH.search(spec)):
            raise too_large()
    if len(fields) > MAX_WEIGHT // 16:
        raise too_large()


def _method_hint(name: str) -> str:
    if name in ("append", "extend", "insert", "add", "update", "setdefault", "pop", "remove", "sort"):
        return "Constants do not change: write a comprehension, [… for … in …], or named[key] = … for nodes."
    return "Compute it in a function."


def _keys_listed(container: dict[Any, Any]) -> str:
    return f"There are {', '.join(quoted(key) for key in list(container)[:6])}." if container else "It is empty."


def made_set(members: Sequence[Value]) -> set[Value]:
    """A set of the members. Raises Refused where one cannot be a member."""
    for member in members:
        check_key(member)
    return set(members)


def check_key(key: Value) -> None:
    """Raises Refused where the value can be neither a key nor a member of a set."""
    try:
        hash(_need_constants(key))
    except TypeError:
        raise Refused(
            f"{kind_of(key).capitalize()} cannot be a key.", "Keys are strings, numbers and tuples."
        ) from None


def is_constant(value: Value) -> bool:
    """Whether the value is a constant all through: no node, function, class or import in it, nothing broken."""
    match value:
        case list() | tuple() | set():
            return all(type(member) in _PLAIN or is_constant(member) for member in value)
        case dict():
            return all(type(member) in _PLAIN or is_constant(member) for member in value.values())
    return isinstance(value, _PLAIN)


def holds_node(value: Value) -> bool:
    """Whether a node is anywhere in the value."""
    match value:
        case list() | tuple():
            return any(type(member) not in _PLAIN and holds_node(member) for member in value)
        case dict():
            return any(type(member) not in _PLAIN and holds_node(member) for member in value.values())
    return isinstance(value, NodeRef)


def is_whole(value: Value) -> bool:
    """Whether nothing in the value was reported already."""
    match value:
        case list() | tuple():
            return all(is_whole(member) for member in value)
        case dict():
            return all(is_whole(member) for member in value.values())
        case Construction():
            return all(is_whole(member) for member in (*value.args, *value.kwargs.values()))
    return value is not BROKEN
