"""Parts that are made when they are first asked for, so that a server starts without them."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class DeferredApp:
    """An ASGI application that is made for its first request, which waits for that.

    To be asked from one event loop.
    """

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if self._app is None:
            self._app = self._make()
        await self._app(scope, receive, send)
