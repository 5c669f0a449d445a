"""What imports of a text bind: names for function bodies and estimators, and operators under other names."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workflows.lang.constants import Refused
from workflows.lang.syntax import Imported, Problems, Value
from workflows.operators.registry import DECLARATIONS

STUBS = "helixweb.dsl"  # the typed declarations: imports from there are for editors alone


def is_for_editors(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import is of the declarations of the language, and nothing that a run needs."""
    return isinstance(node, ast.ImportFrom) and node.module == STUBS


def bound_by_import(node: ast.Import | ast.ImportFrom, problems: Problems) -> Iterator[tuple[str, Value, ast.alias]]:
    """Names, what each is bound to, and where. Nothing is imported. Raises Refused."""
    if isinstance(node, ast.ImportFrom):
        if node.level:
            message = "A workflow is no package, so it has no relative imports."
            raise Refused(message, "Name the module in full.", "not-in-language")
        if is_for_editors(node):
            yield from _operators(node, problems)
            return
        if node.module == "__future__":
            return
    for alias in node.names:
        if alias.name == "*":
            message = "Starred imports hide which names there are."
            raise Refused(message, "Import the names that you need.", "not-in-language")
        if isinstance(node, ast.ImportFrom):
            name, path = alias.asname or alias.name, f"{node.module}.{alias.name}"
        else:
            name = alias.asname or alias.name.split(".")[0]
            path = alias.name if alias.asname else name
        yield name, Imported(path, name, ast.Name(name, ast.Load())), alias


def _operators(node: ast.ImportFrom, problems: Problems) -> Iterator[tuple[str, Value, ast.alias]]:
    for alias in node.names:
        if alias.name not in DECLARATIONS:
            near = problems.nearest(alias.name, DECLARATIONS)
            hint = f"Did you mean `{near}`?" if near else f"There are {', '.join(DECLARATIONS)}."
            problems.add("unknown-operator", alias, f"There is no operator `{alias.name}`.", hint)
        elif alias.asname and alias.asname != alias.name:
            yield alias.asname, DECLARATIONS[alias.name], alias
