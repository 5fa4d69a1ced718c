"""A bare ASGI function under uvicorn: the limit of the stack that the mock stands on.

It reads nothing and decides nothing. Every request gets the bytes of one file, with the status and type given.
"""

import argparse
import socket
from pathlib import Path
from typing import Any

import uvicorn


def create_app(status: int, media_type: str, body: bytes) -> Any:
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--status", type=int, required=True)
    parser.add_argument("--media-type", required=True)
    parser.add_argument("--body", type=Path, required=True)
    parser.add_argument("--ready-file", type=Path, required=True)
    arguments = parser.parse_args()
    listening = socket.create_server(("127.0.0.1", 0))
    app = create_app(arguments.status, arguments.media_type, arguments.body.read_bytes())
    config = uvicorn.Config(app, ws="none", access_log=False, log_config=None, server_header=False, lifespan="off")
    arguments.ready_file.write_text(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
