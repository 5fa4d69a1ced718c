"""One operation of the contract, compiled: how its requests are read and what its answers must be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from billecta_mock.contract.bodies import Body, compile_body
from billecta_mock.contract.parameters import Parameter, compile_parameter
from billecta_mock.contract.responses import Response, compile_response
from billecta_mock.contract.schemas import UnsupportedSpecError
from billecta_mock.http import Answer

_KNOWN: Final = frozenset(
    {
        "operationId", "summary", "description", "tags", "deprecated", "externalDocs",
        "parameters", "requestBody", "responses", "security",
    }
)  # fmt: skip

_NOT_QUERY: Final = ("path", "header")


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method on one path promises. `path` is the whole template, from the base path on."""

    operation_id: str
    query_parameters: tuple[Parameter, ...]
    header_parameters: tuple[Parameter, ...]
    body: Body | None
    responses: Mapping[int, Response]
    method: str = ""
    path: str = ""

    @property
    def negotiates(self) -> bool:
        """Whether a response has several media types, so that it matters which one the caller accepts."""
        return any(len(response.validators) > 1 for response in self.responses.values())

    def find_violation(self, answer: Answer) -> str | None:
        """What this answer does against the contract, in a sentence; None where it keeps it (CODES-1)."""
        response = self.responses.get(answer.status)
        if response is None:
            return f"has status {answer.status}, which the contract does not give"
        return response.find_violation(answer)


def compile_operation(declared: Mapping[str, Any], parameters: list[Mapping[str, Any]], place: str) -> Operation:
    """An operation of the document, references resolved; `parameters` are those of the operation and of its path.

    Raises UnsupportedSpecError, naming the place, for what the stage would otherwise ignore.
    """
    for keyword in declared:
        if keyword not in _KNOWN and not keyword.startswith("x-"):
            raise UnsupportedSpecError(f"{place}/{keyword}", f"the operation keyword '{keyword}'")
    placed = [(each, f"{place}/parameters/{index}") for index, each in enumerate(parameters)]
    for parameter, where in placed:
        if parameter["in"] == "path":
            _check_path_parameter(parameter, where)
    return Operation(
        operation_id=declared["operationId"],
        query_parameters=tuple(
            compile_parameter(each, where) for each, where in placed if each["in"] not in _NOT_QUERY
        ),
        header_parameters=tuple(compile_parameter(each, where) for each, where in placed if each["in"] == "header"),
        body=compile_body(declared.get("requestBody", {}), f"{place}/requestBody"),
        responses=dict(
            _compile_response(status, each, f"{place}/responses/{status}")
            for status, each in declared["responses"].items()
        ),
    )


def _check_path_parameter(declared: Mapping[str, Any], place: str) -> None:
    """A path parameter is an opaque string: an id of any form is an id to look up (PDF-4)."""
    if declared.get("schema") != {"type": "string"}:
        raise UnsupportedSpecError(f"{place}/schema", "a path parameter with more of a schema than 'type: string'")


def _compile_response(written: str, declared: Mapping[str, Any], place: str) -> tuple[int, Response]:
    if not written.isdecimal():
        raise UnsupportedSpecError(place, f"the response '{written}'")
    return int(written), compile_response(int(written), declared, place)
