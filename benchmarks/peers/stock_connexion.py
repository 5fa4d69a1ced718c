"""The contract on stock Connexion, as its documentation has it: handlers on `AsyncApp`, validation both ways.

python stock_connexion.py SPEC PORT PDF PAYMENT
"""

import sys
import uuid
from pathlib import Path
from typing import Any

import connexion
import uvicorn
import yaml
from connexion.exceptions import Unauthorized
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from connexion.options import SwaggerUIOptions

KEYS = {"ABC123": {"sub": "CRM"}}
JSON = {"content-type": "application/json"}
payments: dict[str, str] = {}
document = b""


def find_key(key: str, required_scopes: Any = None) -> Any:  # noqa: ARG001 — Connexion's
    return KEYS.get(key)


async def get_invoice_pdf(invoice_id: str) -> Any:
    return (document, 200, {"content-type": "application/pdf"}) if invoice_id == "1001" else _not_found()


async def create_swish_payment(id: str, phone: str, message: str) -> Any:  # noqa: A002, ARG001 — the contract's names
    if id != "action123":
        return _not_found()
    request_id = str(uuid.uuid4())
    payments[request_id] = "Created"
    return {"requestid": request_id}, 201, JSON


async def get_swish_payment(id: str) -> Any:  # noqa: A002 — the contract's name
    return ({"requeststatus": payments[id]}, 200, JSON) if id in payments else _not_found()


def _not_found() -> Any:
    return {"error": "Not Found", "message": "There is no such resource"}, 404, JSON


def mask(_request: ConnexionRequest, _error: Exception) -> ConnexionResponse:
    """A missing key looks like a missing resource."""
    body = '{"error": "Not Found", "message": "There is no such resource"}'
    return ConnexionResponse(404, content_type="application/json", body=body)


def main() -> None:
    global document  # noqa: PLW0603 — a script's own
    specification, port, pdf, payment = sys.argv[1:]
    document = Path(pdf).read_bytes()
    payments[payment] = "Created"
    contract = yaml.safe_load(Path(specification).read_text(encoding="utf-8"))
    contract["servers"] = [{"url": "/database/limepkg-billecta-integration"}]
    for scheme in contract["components"]["securitySchemes"].values():
        scheme["x-apikeyInfoFunc"] = "stock_connexion.find_key"
    handlers = {
        "fetchInvoicePdf": get_invoice_pdf,
        "createSwishPayment": create_swish_payment,
        "getSwishPayment": get_swish_payment,
    }
    app = connexion.AsyncApp(__name__, swagger_ui_options=SwaggerUIOptions(swagger_ui=False))
    app.add_api(contract, resolver=connexion.Resolver(handlers.__getitem__), validate_responses=True)
    app.add_error_handler(Unauthorized, mask)
    uvicorn.run(app, host="127.0.0.1", port=int(port), access_log=False, log_config=None)


if __name__ == "__main__":
    main()
