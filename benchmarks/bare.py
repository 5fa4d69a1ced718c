"""A bare ASGI function under uvicorn: the limit of the stack that the mock stands on.

It reads nothing but the path, by which it finds its answer, and decides nothing.

    python bare.py PORT ANSWERS
"""

import json
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import uvicorn

Messages = tuple[dict[str, Any], dict[str, Any]]


def create_app(answers: dict[str, Messages]) -> Any:
    async def app(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        start, body = answers[scope["path"]]
        await send(start)
        await send(body)

    return app


def read_answers(path: Path) -> dict[str, Messages]:
    """Both messages of each answer, by its path."""
    return {
        path: _messages(status, media_type, b64decode(body))
        for path, (status, media_type, body) in json.loads(path.read_text()).items()
    }


def _messages(status: int, media_type: str, body: bytes) -> Messages:
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


def main() -> None:
    port, answers = sys.argv[1:]
    app = create_app(read_answers(Path(answers)))
    uvicorn.run(
        app, host="127.0.0.1", port=int(port), ws="none", access_log=False, log_config=None,
        server_header=False, proxy_headers=False, lifespan="off",
    )  # fmt: skip


if __name__ == "__main__":
    main()
