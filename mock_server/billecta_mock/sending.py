"""How an answer leaves, in ASGI."""

import asyncio
from collections.abc import AsyncIterator

from starlette.types import Receive, Scope, Send

from billecta_mock.http import Answer


async def send_answer(answer: Answer, scope: Scope, send: Send) -> None:
    """Send all of an answer; to HEAD, all but its body."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.header_lines()})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})


async def until_disconnect(receive: Receive) -> None:
    """Wait until the caller has closed the connection, or it was closed."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_stream(answer: Answer, stream: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    """Send an answer whose body is a stream, until the stream ends or its caller has gone."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.header_lines()})
    sending = asyncio.create_task(_send_all(stream, send))
    leaving = asyncio.create_task(until_disconnect(receive))
    try:
        await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        outcomes = await asyncio.gather(sending, leaving, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _send_all(stream: AsyncIterator[bytes], send: Send) -> None:
    async for chunk in stream:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
