"""The OpenAPI document, held against its own rules and against the register of clauses."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

import billecta_spec

DOCUMENT = billecta_spec.load_openapi()
CLAUSES = billecta_spec.load_clauses()
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
OPERATIONS = {
    operation["operationId"]: operation
    for item in DOCUMENT["paths"].values()
    for method, operation in item.items()
    if method in METHODS
}


def resolve(node: Any) -> Any:
    """The document with every reference replaced by what it refers to; ours are never circular."""
    if isinstance(node, list):
        return [resolve(each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return resolve(target)
    return {key: resolve(value) for key, value in node.items()}


def find_clauses(node: Any) -> set[str]:
    """All clause ids named in `x-clauses` anywhere below."""
    if isinstance(node, list):
        return set().union(*map(find_clauses, node))
    if not isinstance(node, dict):
        return set()
    return set(node.get("x-clauses", [])).union(*map(find_clauses, node.values()))


def examples() -> Iterator[Any]:
    """Each example of a parameter or a response, with the schema that it must fit."""
    for name, operation in resolve(OPERATIONS).items():
        described = [(f"{name} {each['name']}", each) for each in operation["parameters"]]
        described += [
            (f"{name} {status} {media_type}", content)
            for status, response in operation["responses"].items()
            for media_type, content in response["content"].items()
        ]
        for where, holder in described:
            for label, example in holder["examples"].items():
                yield pytest.param(holder.get("schema", {}), example["value"], id=f"{where} {label}")


def test_the_document_is_valid_openapi_3_0_4() -> None:
    assert DOCUMENT["openapi"] == "3.0.4"
    validate(DOCUMENT)


def test_no_two_templated_paths_are_identical() -> None:
    shapes = [re.sub(r"\{[^}]*\}", "{}", path) for path in DOCUMENT["paths"]]
    assert len(shapes) == len(set(shapes))


@pytest.mark.parametrize(("schema", "value"), list(examples()))
def test_an_example_fits_its_schema(schema: dict[str, Any], value: Any) -> None:
    jsonschema_rs.Draft4Validator(schema).validate(value)


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [
        ("fetchInvoicePdf", {"200", "400", "401", "403", "404"}),
        ("createSwishPayment", {"201", "400", "401", "403", "404"}),
        ("getSwishPayment", {"200", "400", "401", "403", "404"}),
    ],
)
def test_an_operation_documents_exactly_these_statuses(operation: str, statuses: set[str]) -> None:
    assert set(OPERATIONS[operation]["responses"]) == statuses


def test_every_response_has_an_example() -> None:
    for operation in resolve(OPERATIONS).values():
        for response in operation["responses"].values():
            assert all(content["examples"] for content in response["content"].values())


def test_every_operation_and_every_response_names_its_clauses() -> None:
    for operation in resolve(OPERATIONS).values():
        assert operation["x-clauses"]
        assert all(response["x-clauses"] for response in operation["responses"].values())


def test_document_and_register_name_the_same_clauses_for_each_operation() -> None:
    for name, operation in resolve(OPERATIONS).items():
        registered = {clause["id"] for clause in CLAUSES if name in clause["operations"]}
        assert find_clauses(operation) == registered


def test_only_a_400_promises_what_an_error_says() -> None:
    for operation in resolve(OPERATIONS).values():
        for status in ("401", "403", "404"):
            assert "schema" not in operation["responses"][status]["content"]["*/*"]
        promised = operation["responses"]["400"]["content"]["application/json"]["schema"]
        assert promised["required"] == ["error", "message"]


def test_objects_are_open_for_members_that_are_not_described() -> None:
    assert all("additionalProperties" not in schema for schema in DOCUMENT["components"]["schemas"].values())


def test_create_links_to_the_status_of_what_it_created() -> None:
    link = OPERATIONS["createSwishPayment"]["responses"]["201"]["links"]["status"]
    assert link["operationId"] == "getSwishPayment"
    assert link["parameters"] == {"id": "$response.body#/requestid"}


def test_the_server_is_that_of_the_page_with_its_parts_as_variables() -> None:
    server = DOCUMENT["servers"][0]
    assert server["url"] == "https://{customer}.lime-crm.com/{database}/limepkg-billecta-integration"
    assert set(server["variables"]) == {"customer", "database"}
