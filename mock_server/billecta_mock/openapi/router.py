"""Connexion, reduced to what is done once per document: read it, resolve its handlers, add its operations.

Connexion's stock middleware routes by nested Starlette routers and builds parsers and validators again for every
request. Its base class for routing, `AbstractRoutingAPI`, leaves open what becomes of an operation: here a compiled
stage in a flat table.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

from starlette.routing import compile_path

from billecta_mock.http import Handler
from billecta_mock.openapi.compiler import Operation, compile_operation
from billecta_mock.openapi.connexion_shim import (
    AbstractOperation,
    AbstractRoutingAPI,
    InvalidSpecification,
    Resolver,
    ResolverError,
    Specification,
)
from billecta_mock.openapi.parameters import decode_segment
from billecta_mock.openapi.pipeline import OperationPipeline, PipelineHooks
from billecta_mock.openapi.schemas import UnsupportedSpecError

_MOST_REMEMBERED: Final = 256
_UNRESERVED: Final = re.compile(r"%(2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)", re.IGNORECASE)


class NoRouteError(LookupError):
    """The document has no such path. `near` would have been one: the same path with or without a slash at its end."""

    def __init__(self, near: str | None) -> None:
        super().__init__(near)
        self.near = near


class WrongMethodError(LookupError):
    """The document has this path, but not under this method; `allowed` are the methods that it has."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = allowed


class Route(NamedTuple):
    """Where a request goes: an operation, and the values of the parameters of its path, decoded.

    `resource` is the first of these values, if there is one.
    """

    operation_id: str
    path: Mapping[str, str]
    pipeline: OperationPipeline[Any]
    resource: str | None


class ContractRouter:
    """The operations of one document, each behind its compiled stage."""

    def __init__(
        self,
        document: Mapping[str, Any],
        base_path: str,
        handlers: Mapping[str, Handler[Any]],
        rules: PipelineHooks[Any],
    ) -> None:
        """Compile a document whose paths lie under `base_path`.

        Raises UnsupportedSpecError, naming the place, where the document is not valid, asks for what the stage does
        not do, or has an operation without a handler.
        """
        try:
            specification = Specification.from_dict(dict(document))
            self._routes = _PipelineAPI(specification, base_path, handlers, rules).routes
        except InvalidSpecification as error:
            raise UnsupportedSpecError("the OpenAPI document", str(error)) from error
        except ResolverError as error:
            raise UnsupportedSpecError("the OpenAPI document", str(error)) from error
        # A client asks for the same few paths again and again: polling is what it mostly does.
        self.find = lru_cache(maxsize=_MOST_REMEMBERED)(self._find)

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Every operation of the document, compiled, by its id."""
        stages = {pipeline.operation_id: pipeline for _, stages in self._routes for pipeline in stages.values()}
        return {operation_id: pipeline.operation for operation_id, pipeline in stages.items()}

    def _find(self, method: str, path: str) -> Route:
        """The way of a request for `path`, which is raw: nothing in it that matters is percent-decoded.

        Raises NoRouteError and WrongMethodError where no operation was reached. A wrong trailing slash is a path
        that the document does not have (URL-1): there are no redirects.
        """
        path = normalise(path)
        for pattern, stages in self._routes:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            pipeline = stages.get(method)
            if pipeline is None:
                raise WrongMethodError(tuple(sorted(stages)))
            values = {name: decode_segment(segment) for name, segment in match.groupdict().items()}
            return Route(pipeline.operation_id, values, pipeline, next(iter(values.values()), None))
        raise NoRouteError(self._find_near(path))

    def _find_near(self, path: str) -> str | None:
        other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
        return other if any(pattern.fullmatch(other) for pattern, _ in self._routes) else None


class _PipelineAPI(AbstractRoutingAPI[OperationPipeline[Any]]):
    """One document as Connexion adds it, operation by operation."""

    def __init__(
        self,
        specification: Specification,
        base_path: str,
        handlers: Mapping[str, Handler[Any]],
        rules: PipelineHooks[Any],
    ) -> None:
        self._rules = rules
        self._stages: dict[str, dict[str, OperationPipeline[Any]]] = {}
        super().__init__(specification, base_path=base_path, resolver=Resolver(_find_in(handlers)))

    @property
    def routes(self) -> list[tuple[re.Pattern[str], dict[str, OperationPipeline[Any]]]]:
        """Each path as a pattern for the whole of a raw path, and its stages by method."""
        return [(compile_path(self.base_path + path)[0], stages) for path, stages in self._stages.items()]

    def make_operation(self, operation: AbstractOperation) -> OperationPipeline[Any]:
        place = f"/paths/{operation.path.replace('/', '~1')}/{operation.method}"
        declared = self.specification.get_operation(operation.path, operation.method)
        compiled = compile_operation(declared, operation.parameters, place)
        placed = replace(compiled, method=operation.method.upper(), path=self.base_path + operation.path)
        return OperationPipeline(placed, operation.function, self._rules)

    @staticmethod
    def _framework_path_and_name(operation: AbstractOperation, path: str) -> tuple[str, str]:
        return path, operation.operation_id

    def _add_operation_internal(
        self,
        method: str,
        path: str,
        operation: OperationPipeline[Any],
        name: str | None = None,  # noqa: ARG002 — Connexion's
    ) -> None:
        stages = self._stages.setdefault(path, {})
        stages[method.upper()] = operation
        if method == "get":
            stages.setdefault("HEAD", operation)


def normalise(path: str) -> str:
    """A raw path with only those escapes undone that never matter: letters, digits, `-._~` (RFC 3986, 6.2.2.2).

    All others stay as they are, so an escaped slash never becomes a separator, nor a line feed the end of a path.
    """
    if "%" not in path:
        return path
    return _UNRESERVED.sub(lambda escape: chr(int(escape[1], 16)), path)


def _find_in(handlers: Mapping[str, Handler[Any]]) -> Callable[[str], Handler[Any]]:
    def find(operation_id: str) -> Handler[Any]:
        try:
            return handlers[operation_id]
        except KeyError:
            raise ResolverError(f"the operation {operation_id} has no handler, which") from None

    return find
