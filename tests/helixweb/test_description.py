"""The API's description of itself says all that crosses to the browser, whose types are generated from it."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from helixweb import auth, middleware
from helixweb.api import api
from helixweb.description import REF, described
from helixweb.jobs import services as jobs
from helixweb.refusals import STATUS, Refusal
from metrics import services as metrics
from snapshots import services as snapshots
from snapshots import sources
from versions import services as versions
from workflows import events
from workflows import services as workflows
from workflows.errors import HelixError
from workflows.execution import datasets, planning
from workflows.operators.registry import DECLARATIONS, declaration_json
from workflows.schemas import OperatorOut

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "typescript.py"
RAISING = (auth, middleware, jobs, metrics, versions, workflows, planning, snapshots, sources)


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return described(api)


def parts(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a description, with its place."""
    if isinstance(part, dict):
        yield path, part
        for key, each in part.items():
            yield from parts(each, f"{path}/{key}")
    elif isinstance(part, list):
        for at, each in enumerate(part):
            yield from parts(each, f"{path}/{at}")


def operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in description["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def test_the_browsers_types_are_those_of_the_api() -> None:
    script = runpy.run_path(str(SCRIPT))
    assert script["TARGET"].read_text(encoding="utf-8") == script["typescript"](), "run `make codegen`"


def test_every_event_is_one_of_the_described_union(description: dict[str, Any]) -> None:
    union = description["components"]["schemas"]["EventOut"]["properties"]["event"]
    schemas = description["components"]["schemas"]
    assert len(union["oneOf"]) == len(get_args(events.Event))
    for variant in get_args(events.Event):
        described_fields = schemas[variant.__name__]["properties"]
        assert described_fields.keys() == {field.name for field in fields(variant)}
        assert union["discriminator"]["mapping"][described_fields["type"]["const"]] == f"{REF}{variant.__name__}"
    measured = schemas["MetricRecorded"]["properties"]["value"]["anyOf"]
    assert [each["type"] for each in measured] == ["number", "null"]


def test_every_reference_leads_to_a_schema(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    references = [part["$ref"] for _, part in parts(description) if isinstance(part.get("$ref"), str)]
    assert len(references) > 50
    assert {reference.removeprefix(REF) for reference in references} <= schemas.keys()


def test_nothing_is_described_as_anything_at_all_but_the_defaults_of_parameters(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    anything = {name for name, schema in schemas.items() if not schema.keys() - {"description"}}
    assert anything == {"JsonValue"}
    assert schemas["ValueMade"]["properties"]["value"] == {}
    assert {path for path, part in parts(schemas) if part.get("$ref") == f"{REF}JsonValue"} == {
        "/ParameterOut/properties/default"
    }
    for path, part in parts(schemas):
        assert part.get("additionalProperties") is not True, path
        assert part.get("type") != "object" or part.keys() & {"properties", "additionalProperties"}, path


def test_every_operator_is_as_described() -> None:
    for operator in DECLARATIONS.values():
        declaration = declaration_json(operator)
        assert OperatorOut(**declaration).dict() == declaration


def test_what_the_server_gives_has_all_its_fields(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    assert "step" in schemas["MetricRecorded"]["required"]
    assert "type" in schemas["RunStarted"]["required"]
    assert schemas["RunIn"]["required"] == ["text"]


def test_every_operation_says_how_it_may_refuse(description: dict[str, Any]) -> None:
    found = dict(operations(description))
    assert len(found) > 15
    for name, operation in found.items():
        statuses = {int(status) for status in operation["responses"]}
        assert min(statuses) < 300, name
        assert {400, 500} <= statuses, name
        assert ({404} <= statuses) or "{" not in name, name
        assert ({401} <= statuses) == (name != "get /api/health"), name
        assert ({403} <= statuses) == (not name.startswith("get ")), name
        assert ({413, 422, 507} <= statuses) or "requestBody" not in operation, name
    assert 409 in found["put /api/workflows/{workflow_id}/draft"]["responses"]
    assert 409 in found["post /api/workflows/{workflow_id}/runs"]["responses"]


def test_every_code_with_a_status_is_one_of_the_unions(description: dict[str, Any]) -> None:
    assert set(description["components"]["schemas"]["Refusal"]["discriminator"]["mapping"]) == set(STATUS)
    for body in get_args(get_args(Refusal)[0]):
        assert set(get_args(body.model_fields["code"].annotation)) <= set(STATUS)


def test_every_error_of_the_services_has_a_status() -> None:
    raised: list[type[HelixError]] = [
        error
        for module in RAISING
        for error in vars(module).values()
        if isinstance(error, type) and issubclass(error, HelixError) and error.__module__ == module.__name__
    ]
    assert len(raised) >= 12
    within = {metrics.LeaseLost}  # said to workers alone
    assert {error.code for error in (*raised, datasets.UnknownDataset) if error not in within} <= set(STATUS)


def test_every_refusal_is_as_described() -> None:
    described_refusal = TypeAdapter[Any](Refusal)
    for error in (
        workflows.DraftChanged("text", 3),
        workflows.WorkflowNotFound(),
        workflows.NameRefused(),
        workflows.TemplateNotFound("censsus", ["census"]),
        metrics.RunActive(),
        auth.NotSignedIn(),
        datasets.UnknownDataset("adlt"),
    ):
        said = {"code": error.code, "message": error.message, **error.data}
        told = described_refusal.validate_python(said)
        assert {"code": told.code, "message": told.message} == {"code": error.code, "message": error.message}
