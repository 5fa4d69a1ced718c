"""Documentation pages: Swagger UI, from its package, so that they work offline."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from swagger_ui_bundle import swagger_ui_path

from billecta_mock.http import JSON

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}/assets/swagger-ui.css">
<nav style="font: 14px sans-serif; padding: 8px 20px; background: #eef3f2">{links}</nav>
<div id="page"></div>
<script src="{root}/assets/swagger-ui-bundle.js"></script>
<script>
  SwaggerUIBundle({{
    url: "{root}/openapi.json", dom_id: "#page", validatorUrl: null, tryItOutEnabled: true, deepLinking: true
  }})
</script>
</html>
"""


def create_pages(documents: Mapping[str, Mapping[str, Any]]) -> ASGIApp:
    """An ASGI application with one page per document, each under its path, the document beside it as `openapi.json`.

    The root leads to the first page.
    """
    links = " · ".join(f'<a href="{root}">{each["info"]["title"]}</a>' for root, each in documents.items())
    routes: list[BaseRoute] = [Route("/", RedirectResponse(next(iter(documents))))]
    for root, document in documents.items():
        routes += _routes(root, document, links)
    return Starlette(routes=routes, exception_handlers={HTTPException: _refuse})


async def _refuse(_request: Request, error: Exception) -> Response:
    """What the pages do not have, in the one envelope of all errors."""
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
    phrase = HTTPStatus(status).phrase
    body = orjson.dumps({"error": phrase, "message": "/docs and /docs/__admin are the documentation pages"})
    return Response(body, status, headers, JSON)


def _routes(root: str, document: Mapping[str, Any], links: str) -> list[BaseRoute]:
    html = _PAGE.format(title=document["info"]["title"], root=root, links=links)

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(html)

    async def openapi(_request: Request) -> JSONResponse:
        return JSONResponse(document)

    return [
        Route(root, page),
        Route(f"{root}/", page),
        Route(f"{root}/openapi.json", openapi),
        Mount(f"{root}/assets", StaticFiles(directory=swagger_ui_path)),
    ]
