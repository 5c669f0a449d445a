"""What modules of user code hold, put back before each part: what one part changes in them, no other part sees.

Without this a counter, a registry or a generator of numbers at module level would make a part's result depend on which
parts ran before it, and so on what was reused.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

_PLAIN = frozenset((bool, int, float, complex, str, bytes, type(None)))
_COPIED = frozenset(("builtins", "collections", "functools", "random", "numpy", "pandas"))
_SHARED = (ModuleType, type, FunctionType, MethodType)
_DESCRIPTORS = (FunctionType, staticmethod, classmethod, property)


class UserState:
    """The state of the text's module, and of those loaded from ``lib/``, as it was when this was made.

    Held are what names stand for, and attributes of classes and functions. Copies keep who shares what with whom.
    Parts share variables of closures, what cannot be copied (locks, open files), and objects of other packages, which
    may be large and are made to be used (a language model).
    """

    def __init__(self, module: ModuleType, lib: Path | None) -> None:
        self._lib = lib
        self._modules = [module, *self._of_lib().values()]
        self._names = frozenset(module.__name__ for module in self._modules)
        self._held = self._copied({id(owner): _state(owner) for owner in self._owners()})

    def restore(self) -> None:
        """Put everything back. Modules of ``lib/`` that were loaded since are forgotten."""
        for name in self._of_lib().keys() - self._names:
            del sys.modules[name]
        fresh = self._copied(self._held)
        owners = {id(owner): owner for owner in self._owners()}
        for key, values in fresh.items():
            if key in owners:
                _put_back(owners[key], values)

    def _of_lib(self) -> dict[str, ModuleType]:
        if self._lib is None:
            return {}
        folder = f"{self._lib}/"
        loaded = list(sys.modules.items())
        return {name: module for name, module in loaded if (getattr(module, "__file__", None) or "").startswith(folder)}

    def _owners(self) -> Iterator[Any]:
        for module in self._modules:
            yield module
            for value in list(vars(module).values()):
                if isinstance(value, type | FunctionType) and value.__module__ in self._names:
                    yield value

    def _copied(self, held: Mapping[int, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
        memo: dict[int, Any] = {}
        return {key: {name: self._copy(value, memo) for name, value in values.items()} for key, values in held.items()}

    def _copy(self, value: Any, memo: dict[int, Any]) -> Any:
        if id(value) in memo:
            return memo[id(value)]
        kind = type(value)
        if kind in _PLAIN or not (kind.__module__ in self._names or kind.__module__.split(".")[0] in _COPIED):
            return value
        if isinstance(value, _SHARED):
            return value
        if kind in (list, dict, set) and _is_flat(value):  # large tables are mostly flat
            memo[id(value)] = made = value.copy()
            return made
        try:
            return copy.deepcopy(value, memo)
        except Exception:  # noqa: BLE001 - objects of the user's may refuse in any way: then they are shared
            return value


def _state(owner: Any) -> dict[str, Any]:
    if isinstance(owner, ModuleType):
        return {name: value for name, value in vars(owner).items() if not name.startswith("__")}
    if isinstance(owner, FunctionType):
        return {**vars(owner), "__defaults__": owner.__defaults__, "__kwdefaults__": owner.__kwdefaults__}
    return {
        name: value
        for name, value in vars(owner).items()
        if not (name.startswith("__") and name.endswith("__")) and not isinstance(value, _DESCRIPTORS)
    }


def _put_back(owner: Any, values: Mapping[str, Any]) -> None:
    now = _state(owner)
    with suppress(AttributeError, TypeError):  # classes may refuse: enumerations do
        for name in now.keys() - values.keys():
            delattr(owner, name)
        for name, value in values.items():
            if now.get(name, values) is not value:
                setattr(owner, name, value)


def _is_flat(value: list[Any] | dict[Any, Any] | set[Any]) -> bool:
    return all(type(item) in _PLAIN for item in (value.values() if isinstance(value, dict) else value))
