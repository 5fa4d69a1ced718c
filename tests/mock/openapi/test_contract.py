"""The compiled stage: what it cannot do stops the start, and what breaks the contract is not sent."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from billecta_mock.domain.problems import Problem
from billecta_mock.http import ParsedRequest, Response, json_response
from billecta_mock.openapi.pipeline import PipelineHooks
from billecta_mock.openapi.router import ContractRouter
from billecta_mock.openapi.schemas import UnsupportedSpecError


def document(**operation: Any) -> dict[str, Any]:
    """A document of one operation, GET /thing."""
    ok = {"description": "", "content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}}
    declared = {"operationId": "thing", "responses": {"200": ok}, **operation}
    return {"openapi": "3.0.4", "info": {"title": "", "version": "1"}, "paths": {"/thing": {"get": declared}}}


def answering(schema: Mapping[str, Any]) -> dict[str, Any]:
    return document(responses={"200": {"description": "", "content": {"application/json": {"schema": schema}}}})


def router(declared: Mapping[str, Any], answer: Response | Problem | None = None) -> ContractRouter:
    async def thing(_call: ParsedRequest[None]) -> Response | Problem:
        if answer is None:
            raise RuntimeError("broken")
        return answer

    def never(refusal: Problem, _scope: Any) -> Response:
        raise AssertionError(refusal)

    return ContractRouter(declared, "", {"thing": thing}, PipelineHooks(lambda _scope, _operation: None, never))


def ask(declared: Mapping[str, Any], answer: Response | None) -> Response:
    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"method": "GET", "query_string": b"", "headers": []}
    route = router(declared, answer).find("GET", "/thing")
    return asyncio.run(route.pipeline.answer(scope, route.path, receive))


def query(schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return document(parameters=[{"name": "q", "in": "query", "schema": schema, **more}])


@pytest.mark.parametrize(
    ("declared", "place"),
    [
        (query({"type": "array", "items": {"type": "string"}}), "/paths/~1thing/get/parameters/0/schema/type"),
        (query({"type": "string"}, style="form"), "/paths/~1thing/get/parameters/0/style"),
        (document(parameters=[{"name": "q", "in": "cookie", "schema": {}}]), "/paths/~1thing/get/parameters/0/in"),
        (
            document(parameters=[{"name": "q", "in": "header", "required": True, "schema": {}}]),
            "/paths/~1thing/get/parameters/0/in",
        ),
        (document(callbacks={}), "/paths/~1thing/get/callbacks"),
        (document(responses={"default": {"description": ""}}), "/paths/~1thing/get/responses/default"),
        (
            document(requestBody={"content": {"text/plain": {}}}),
            "/paths/~1thing/get/requestBody/content",
        ),
        (
            document(responses={"200": {"description": "", "content": {"*/*": {"schema": {"type": "object"}}}}}),
            "/paths/~1thing/get/responses/200/content/*~1*/schema",
        ),
        (
            answering({"type": "object", "properties": {"a": {"readOnly": True}}}),
            "/paths/~1thing/get/responses/200/content/application~1json/schema/properties/a/readOnly",
        ),
    ],
)
def test_a_feature_that_would_be_ignored_stops_the_start_and_is_named_with_its_place(
    declared: dict[str, Any], place: str
) -> None:
    with pytest.raises(UnsupportedSpecError) as raised:
        router(declared)
    assert str(raised.value).startswith(f"{place}: ")


def test_an_operation_without_a_handler_stops_the_start() -> None:
    with pytest.raises(UnsupportedSpecError, match="other"):
        router(document(operationId="other"))


def test_a_document_that_is_not_valid_stops_the_start() -> None:
    with pytest.raises(UnsupportedSpecError):
        router(document(responses=None))


def test_an_answer_that_keeps_the_contract_is_sent() -> None:
    assert ask(document(), json_response(200, {"a": 1})).status == 200


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (json_response(200, {"b": 1}), "body that the contract does not allow"),
        (json_response(418, {}), "has status 418, which the contract does not give"),
        (Response(200, "text/html", b"hello"), "has media type text/html"),
    ],
)
def test_an_answer_that_breaks_the_contract_is_not_sent(
    answer: Response, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    sent = ask(document(), answer)
    assert (sent.status, sent.why.code) == (500, "contract_broken")
    assert reason in sent.why.sentence
    assert reason in caplog.text


def test_a_handler_that_fails_shows_its_caller_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    sent = ask(document(), None)
    assert sent.status == 500
    assert b"RuntimeError" not in sent.body
    assert "RuntimeError: broken" in caplog.text
