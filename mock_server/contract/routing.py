"""Connexion, reduced to what is done once per document: read it, resolve it, route by it.

Connexion's stock stages build their validators anew for every request. Its extension classes let the one stage of
this package take their place: `RoutingMiddleware` finds the operation, `RoutedMiddleware` hands it to our stage.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException, StarletteDeprecationWarning
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from mock_server.contract.operation import compile_operation
from mock_server.contract.schemas import UnsupportedSpecError
from mock_server.contract.stage import Rules, Stage
from mock_server.http import Answer, Handler

with warnings.catch_warnings():
    # Connexion imports Starlette's test client, which warns of the HTTP client that it found.
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from connexion.exceptions import InvalidSpecification, ResolverError
    from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware
    from connexion.middleware.routing import RoutingMiddleware
    from connexion.operations import AbstractOperation
    from connexion.resolver import Resolver
    from connexion.spec import Specification

_OUTCOME: Final = "mock_server.outcome"
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_UNRESERVED: Final = re.compile(r"%(2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)", re.IGNORECASE)


class NoRouteError(LookupError):
    """The document has no such path."""


class WrongMethodError(LookupError):
    """The document has this path, but not under this method; `allowed` are the methods that it has."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = allowed


class ContractRouter:
    """The operations of one document, each behind its compiled stage."""

    def __init__(
        self, document: Mapping[str, Any], base_path: str, handlers: Mapping[str, Handler[Any]], rules: Rules[Any]
    ) -> None:
        """Compile a document whose paths lie under `base_path`.

        Raises UnsupportedSpecError, naming the place, where the document is not valid, asks for what the stage does
        not do, or has an operation without a handler.
        """
        stages = _StageMiddleware(_leave_unanswered, rules)
        self._routing = RoutingMiddleware(stages)
        self._base_path = base_path
        specification = _specify(document)
        for middleware in (stages, self._routing):
            _add_api(middleware, specification, base_path, Resolver(_find_in(handlers)))
        _forbid_redirects(self._routing)
        self._allowed = _allowed_methods(document)

    async def answer(self, scope: Scope, path: str, receive: Receive) -> Answer:
        """The answer to a request for `path`, which is raw: nothing in it that matters is percent-decoded.

        Raises NoRouteError and WrongMethodError where no operation was reached.
        """
        routed: dict[str, Any] = {**scope, "path": normalise(path), "root_path": "", "app": self, "extensions": {}}
        outcome: list[Answer] = []
        routed[_OUTCOME] = outcome
        try:
            await self._routing(routed, receive, _send_nothing)
        except HTTPException:
            raise WrongMethodError(self._find_allowed(routed["path"])) from None
        if not outcome:
            raise NoRouteError(path)
        return outcome[0]

    def _find_allowed(self, path: str) -> tuple[str, ...]:
        below = path.removeprefix(self._base_path)
        return next((methods for pattern, methods in self._allowed if pattern.fullmatch(below)), ())


class _StageEndpoint:
    """A Stage as Connexion calls it. The answer goes back through the scope: sending is done in one place."""

    __slots__ = ("_stage",)

    def __init__(self, stage: Stage[Any]) -> None:
        self._stage = stage

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        scope[_OUTCOME].append(await self._stage.answer(scope, receive))


class _StageAPI(RoutedAPI[_StageEndpoint]):
    """One document's stages, by operation id."""

    def __init__(self, *args: Any, rules: Rules[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rules = rules
        self.add_paths()

    def make_operation(self, operation: AbstractOperation) -> _StageEndpoint:
        place = f"/paths/{operation.path.replace('/', '~1')}/{operation.method}"
        declared = self.specification.get_operation(operation.path, operation.method)
        compiled = compile_operation(declared, operation.parameters, place)
        return _StageEndpoint(Stage(compiled, operation.function, self._rules))


class _StageMiddleware(RoutedMiddleware[_StageAPI]):
    """Hands each routed request to the stage of its operation."""

    api_cls = _StageAPI

    def __init__(self, app: ASGIApp, rules: Rules[Any]) -> None:
        super().__init__(app)
        self._rules = rules

    def add_api(self, specification: Specification, **kwargs: Any) -> _StageAPI:
        return super().add_api(specification, rules=self._rules, **kwargs)


def normalise(path: str) -> str:
    """A raw path with only those escapes undone that never matter: letters, digits, `-._~` (RFC 3986, 6.2.2.2).

    All others stay as they are, so an escaped slash never becomes a separator, nor a line feed the end of a path.
    """
    if "%" not in path:
        return path
    return _UNRESERVED.sub(lambda escape: chr(int(escape[1], 16)), path)


def _specify(document: Mapping[str, Any]) -> Specification:
    try:
        return Specification.from_dict(dict(document))
    except InvalidSpecification as error:
        raise UnsupportedSpecError("the OpenAPI document", str(error)) from error


def _add_api(middleware: Any, specification: Specification, base_path: str, resolver: Resolver) -> None:
    try:
        middleware.add_api(specification, base_path=base_path, resolver=resolver)
    except ResolverError as error:
        raise UnsupportedSpecError("the OpenAPI document", f"{error.reason}: an operation without a handler") from error


def _find_in(handlers: Mapping[str, Handler[Any]]) -> Callable[[str], Handler[Any]]:
    def find(operation_id: str) -> Handler[Any]:
        try:
            return handlers[operation_id]
        except KeyError:
            raise ResolverError(f"operationId {operation_id}") from None

    return find


def _forbid_redirects(routing: RoutingMiddleware) -> None:
    """A wrong trailing slash is a path that the contract does not have (URL-1): no redirect, the key unseen."""
    routing.router.redirect_slashes = False
    for mount in routing.router.routes:
        mount.app.redirect_slashes = False


def _allowed_methods(document: Mapping[str, Any]) -> list[tuple[re.Pattern[str], tuple[str, ...]]]:
    allowed = []
    for path, item in document["paths"].items():
        methods = {method.upper() for method in item if method in _METHODS}
        if "GET" in methods:
            methods.add("HEAD")
        allowed.append((compile_path(path)[0], tuple(sorted(methods))))
    return allowed


async def _leave_unanswered(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Where Connexion sends what it could not route."""


async def _send_nothing(_message: Any) -> None:
    raise RuntimeError("an operation sent by itself")
