"""How an answer leaves, in ASGI."""

from starlette.types import Scope, Send

from mock_server.http import Answer


async def send_answer(answer: Answer, scope: Scope, send: Send) -> None:
    """Send all of an answer; to HEAD, all but its body."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.header_lines()})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})
