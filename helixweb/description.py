"""The API's description of itself (OpenAPI 3.1): what ninja says of it, how each operation may refuse, and the socket.

The browser's types are generated from it, so whatever crosses to the browser is described here or in the schemas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, Final

from ninja import NinjaAPI
from pydantic import TypeAdapter

from helixweb.realtime.messages import ClientMessage, ServerMessage
from helixweb.refusals import BODIES, Refusal

REF: Final = "#/components/schemas/"
_UNIONS: Final[dict[str, Any]] = {
    "Refusal": Refusal,
    "ServerMessage": ServerMessage,
    "ClientMessage": ClientMessage,
}
_WRITING: Final = frozenset({"post", "put", "patch", "delete"})


def described(api: NinjaAPI) -> dict[str, Any]:
    """The description, as JSON."""
    description = dict(api.get_openapi_schema())
    schemas = description["components"]["schemas"]
    described_unions, definitions = TypeAdapter.json_schemas(
        [(name, "serialization", TypeAdapter(union)) for name, union in _UNIONS.items()], ref_template=f"{REF}{{model}}"
    )
    schemas |= definitions["$defs"] | {name: schema for (name, _), schema in described_unions.items()}
    for item in description["paths"].values():
        for method, operation in item.items():
            for status in _refusing(method, operation):
                operation["responses"].setdefault(status, _refusal(status))
    _require(schemas, {*_reached(schemas, _bodies(description["paths"]))})
    description["components"]["schemas"] = dict(sorted(schemas.items()))
    return description | {part: _untitled(description[part]) for part in ("paths", "components")}


def _refusing(method: str, operation: dict[str, Any]) -> Iterator[HTTPStatus]:
    """The statuses with which an operation may refuse, besides those that it declares itself."""
    if "security" in operation or method in _WRITING:  # who signs in may have a token that is refused
        yield HTTPStatus.UNAUTHORIZED
    if method in _WRITING:
        yield HTTPStatus.FORBIDDEN
    if any(parameter["in"] == "path" for parameter in operation["parameters"]):
        yield HTTPStatus.NOT_FOUND
    if "requestBody" in operation:
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        yield HTTPStatus.INSUFFICIENT_STORAGE
    if "requestBody" in operation or operation["parameters"]:
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    yield HTTPStatus.BAD_REQUEST
    yield HTTPStatus.INTERNAL_SERVER_ERROR


def _refusal(status: HTTPStatus) -> dict[str, Any]:
    bodies = [{"$ref": f"{REF}{body.__name__}"} for body in BODIES[status]]
    schema = bodies[0] if len(bodies) == 1 else {"oneOf": bodies}
    return {"description": status.phrase, "content": {"application/json": {"schema": schema}}}


def _bodies(paths: dict[str, Any]) -> list[Any]:
    return [operation.get("requestBody") for item in paths.values() for operation in item.values()]


def _reached(schemas: dict[str, Any], start: Any) -> Iterator[str]:
    """The names of the schemas that a part of the description leads to."""
    seen: set[str] = set()
    waiting = list(_refs(start))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _refs(schemas[name])
            yield name


def _refs(part: Any) -> Iterable[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].removeprefix(REF)
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _refs(each)


def _untitled(part: Any) -> Any:
    """Without the titles that pydantic makes of names, and what the code says of its enumerations.

    A property may itself be named ``title``, and stays.
    """
    if isinstance(part, dict):
        left_out = {"title", "description"} if "enum" in part else {"title"}
        return {key: _untitled(each) for key, each in part.items() if key not in left_out or isinstance(each, dict)}
    return [_untitled(each) for each in part] if isinstance(part, list) else part


def _require(schemas: dict[str, Any], taken: set[str]) -> None:
    """What the server gives always has all its fields; what it takes may leave out those with a default."""
    for name, schema in schemas.items():
        if name not in taken and "properties" in schema:
            schema["required"] = list(schema["properties"])
