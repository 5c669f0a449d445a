"""Writes the browser's types: core/schema.ts from the API's description of itself, core/events.ts from the events.

No server runs for it: the description is made in this process, and openapi-typescript reads it from a pipe.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from types import UnionType
from typing import get_args

import django

from workflows import events

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
TARGET = FRONTEND / "src" / "core" / "events.ts"
SCHEMA = FRONTEND / "src" / "core" / "schema.ts"
COMMAND = (
    str(ROOT / "scripts" / "node"),
    "node_modules/.bin/openapi-typescript",
    "--default-non-nullable=false",  # a field that has a default may be left out of what is sent
    "--root-types",
    "--root-types-no-schema-prefix",
)

_HEAD = """\
// The closed union of a run's events: numbered facts, in the order in which they happened.
// Generated from workflows/events.py by `make codegen`; do not edit.
"""
_TAIL = """\
/** An event with its number in the run (from 1) and when it happened (ISO 8601). */
export interface NumberedEvent {
  number: number
  at: string
  event: Event
}
"""
_NAMED = ("Action", "RunStatus", "NodeStatus")
_TYPES = {"str": "string", "int": "number", "float": "number", "bool": "boolean", "None": "null"}


def typescript() -> str:
    """The text of the module, formatted as Prettier would."""
    variants = get_args(events.Event)
    names = [variant.__name__ for variant in variants]
    union = "export type Event =\n" + "\n".join(f"  | {name}" for name in names) + "\n"
    literals = "\n".join(f"export type {name} = {_literal(getattr(events, name))}" for name in _NAMED) + "\n"
    return "\n".join([_HEAD, literals, *(_interface(variant) for variant in variants), union, _TAIL])


def _literal(alias: UnionType) -> str:
    return " | ".join(f"'{value}'" for value in get_args(alias))


def _interface(variant: type) -> str:
    doc = " ".join((inspect.getdoc(variant) or "").split()).replace("``", "`")
    return f"/** {doc} */\nexport interface {variant.__name__} {{\n" + "\n".join(_fields(variant)) + "\n}\n"


def _fields(variant: type) -> Iterator[str]:
    declared = {field.name: field for field in fields(variant)}  # type: ignore[arg-type]
    kind = declared.pop("type")
    assert kind.default is not MISSING
    yield f"  type: '{kind.default}'"
    for name, field in declared.items():
        yield f"  {name}: {_type(str(field.type))}"


def _type(annotation: str) -> str:
    if annotation == "Measured":  # JSON has no word for NaN and infinity
        return "number | null"
    return " | ".join(_TYPES.get(part, part) for part in annotation.split(" | "))


def schema() -> str:
    """The text of the module with the types of the API and of the socket."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helixweb.settings")
    django.setup()
    from helixweb.api import api
    from helixweb.description import described

    description = json.dumps(described(api))
    done = subprocess.run(COMMAND, cwd=FRONTEND, input=description, capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    TARGET.write_text(typescript(), encoding="utf-8")
    SCHEMA.write_text(schema(), encoding="utf-8")
