"""The mock servers of others: where they are installed, and how each is made to serve the same contract."""

import json
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from benchmarks.cases import ACTION, BASE, INVOICE, KEY, Case
from benchmarks.contestant import Contestant, Reference

_PEERS: Final = Path(__file__).with_name("peers")
_MODULES: Final = _PEERS / "node_modules"
_SPECIFICATION: Final = _PEERS.parents[1] / "spec/billecta_spec/openapi.yaml"
_INSTALL_SECONDS: Final = 300


def stock_connexion() -> Contestant:
    """Connexion as its documentation has it, under the same uvicorn."""
    script = _PEERS / "stock_connexion.py"

    def command(folder: Path, port: int, reference: Reference) -> list[str]:
        return [
            sys.executable,
            str(script),
            str(_SPECIFICATION),
            str(port),
            str(_write_document(folder, reference)),
            reference.request_id,
        ]

    return Contestant("stock Connexion", version("connexion"), command)


def node_peers() -> Iterator[Contestant | str]:
    """Each peer that comes by npm; a sentence for one that cannot be had here."""
    problem = _install()
    if problem:
        yield f"Prism, Mockoon, mountebank and WireMock are skipped: {problem}"
        return
    yield Contestant(
        "Prism", _version("@stoplight/prism-cli"), _prism, _path_without_base, _prism_headers,
        "its examples are static, its PDF is the 9 bytes of the example; the 404 is asked for by `Prefer`",
    )  # fmt: skip
    yield Contestant("Mockoon", _version("@mockoon/cli"), _mockoon)
    yield Contestant("mountebank", _version("mountebank"), _mountebank, note="each create gets the same id")
    if shutil.which("java"):
        yield Contestant(
            "WireMock", _version("wiremock"), _wiremock,
            note="tuned: no request journal, gzip off, 8 s of load before it counts; a new id for each create by its "
            "templates; several threads",
            warm_up_seconds=8,
        )  # fmt: skip
    else:
        yield "WireMock is skipped: there is no java on the path"


def _install() -> str | None:
    """Install what package.json names, unless that has been done; says why it could not."""
    if shutil.which("npm") is None:
        return "there is no npm on the path"
    marker = _MODULES / ".installed"
    wanted = (_PEERS / "package.json").read_text()
    if marker.exists() and marker.read_text() == wanted:
        return None
    print("installing the peers by npm …", flush=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=_PEERS, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"npm took longer than {_INSTALL_SECONDS} s"
    if done.returncode:
        return f"npm failed: {(done.stderr.strip() or 'it says nothing').splitlines()[-1]}"
    marker.write_text(wanted)
    return None


def _version(package: str) -> str:
    return str(json.loads((_MODULES / package / "package.json").read_text())["version"])


def _status(reference: Reference) -> str:
    return f"{BASE}/payments/swish/{reference.request_id}"


def _program(name: str) -> list[str]:
    return ["node", str(_MODULES / ".bin" / name)]


def _write_document(folder: Path, reference: Reference) -> Path:
    path = folder / "invoice.pdf"
    path.write_bytes(reference.document)
    return path


def _path_without_base(case: Case) -> str:
    return case.path.removeprefix(BASE)


def _prism_headers(case: Case) -> dict[str, str]:
    wish = {"prefer": f"code={case.status}", "accept": "application/json"} if case.key != KEY else {}
    return {"x-api-key": case.key, **wish}


def _prism(_folder: Path, port: int, _reference: Reference) -> list[str]:
    return [*_program("prism"), "mock", str(_SPECIFICATION), "-h", "127.0.0.1", "-p", str(port)]


def _mockoon(folder: Path, port: int, reference: Reference) -> list[str]:
    document = _write_document(folder, reference)
    routes = [
        _mockoon_route("get", _status(reference), 200, "application/json", body='{"requeststatus":"Created"}'),
        _mockoon_route("post", ACTION, 201, "application/json", body="""{"requestid":"{{faker 'string.uuid'}}"}"""),
        _mockoon_route("get", INVOICE, 200, "application/pdf", bodyType="FILE", filePath=str(document)),
    ]
    environment = {"uuid": _uuid(0), "lastMigration": 33, "name": "contract", "port": port, "hostname": "127.0.0.1",
                   "endpointPrefix": "", "latency": 0, "routes": routes,
                   "rootChildren": [{"type": "route", "uuid": route["uuid"]} for route in routes]}  # fmt: skip
    path = folder / "mockoon.json"
    path.write_text(json.dumps(environment))
    return [*_program("mockoon-cli"), "start", "--data", str(path), "--disable-log-to-file", "--repair"]


def _mockoon_route(method: str, path: str, status: int, media_type: str, **body: str) -> dict[str, Any]:
    """A route that answers to the key, and the masked 404 to any other."""
    rule = {"target": "header", "modifier": "x-api-key", "value": KEY, "operator": "equals", "invert": False}
    json_header = [{"key": "content-type", "value": "application/json"}]
    answer = {"uuid": _uuid(1), "statusCode": status, "headers": [{"key": "content-type", "value": media_type}],
              "rules": [rule], "rulesOperator": "AND", "bodyType": "INLINE", "default": False, **body}  # fmt: skip
    refusal = {"uuid": _uuid(2), "statusCode": 404, "headers": json_header, "rules": [], "bodyType": "INLINE",
               "default": True, "body": _REFUSAL}  # fmt: skip
    return {"uuid": _uuid(hash(path) % 10**6 + len(method)), "type": "http", "method": method,
            "endpoint": path.removeprefix("/"), "responses": [answer, refusal], "enabled": True}  # fmt: skip


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def _mountebank(folder: Path, port: int, reference: Reference) -> list[str]:
    document = b64encode(reference.document).decode()
    stubs = [
        _stub("GET", _status(reference), 200, '{"requeststatus":"Created"}'),
        _stub("POST", ACTION, 201, f'{{"requestid":"{reference.request_id}"}}'),
        _stub("GET", INVOICE, 200, document, media_type="application/pdf", _mode="binary"),
        {"responses": [{"is": _mountebank_answer(404, _REFUSAL)}]},
    ]
    imposters = {"imposters": [{"port": port, "host": "127.0.0.1", "protocol": "http", "stubs": stubs}]}
    path = folder / "imposters.json"
    path.write_text(json.dumps(imposters))
    # Its own control port is another: it has to be free.
    return [*_program("mb"), "start", "--configfile", str(path), "--port", str(port + 1000), "--host", "127.0.0.1",
            "--nologfile", "--loglevel", "error", "--pidfile", str(folder / "mb.pid")]  # fmt: skip


def _stub(method: str, path: str, status: int, body: str, **answer: str) -> dict[str, Any]:
    predicate = {"equals": {"method": method, "path": path, "headers": {"x-api-key": KEY}}, "caseSensitive": True}
    return {"predicates": [predicate], "responses": [{"is": _mountebank_answer(status, body, **answer)}]}


def _mountebank_answer(status: int, body: str, media_type: str = "application/json", **more: str) -> dict[str, Any]:
    headers = {"content-type": media_type, "connection": "keep-alive"}
    return {"statusCode": status, "headers": headers, "body": body, **more}


def _wiremock(folder: Path, port: int, reference: Reference) -> list[str]:
    (folder / "__files").mkdir()
    (folder / "mappings").mkdir()
    _write_document(folder / "__files", reference)
    as_json = {"Content-Type": "application/json"}
    status = {"status": 200, "headers": as_json, "body": '{"requeststatus":"Created"}'}
    created = {"status": 201, "headers": as_json, "body": _NEW_ID, "transformers": ["response-template"]}
    document = {"status": 200, "headers": {"Content-Type": "application/pdf"}, "bodyFileName": "invoice.pdf"}
    refusal = {"status": 404, "headers": as_json, "body": _REFUSAL}
    mappings = [
        _mapping("GET", _status(reference), status),
        _mapping("POST", ACTION, created),
        _mapping("GET", INVOICE, document),
        {"priority": 10, "request": {"method": "ANY", "urlPattern": ".*"}, "response": refusal},
    ]
    (folder / "mappings" / "contract.json").write_text(json.dumps({"mappings": mappings}))
    (jar,) = (_MODULES / "wiremock" / "build").glob("wiremock-standalone-*.jar")
    return ["java", "-jar", str(jar), "--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(folder),
            "--no-request-journal", "--disable-gzip", "--disable-banner"]  # fmt: skip


def _mapping(method: str, path: str, response: dict[str, Any]) -> dict[str, Any]:
    request = {"method": method, "urlPath": path, "headers": {"x-api-key": {"equalTo": KEY}}}
    return {"priority": 1, "request": request, "response": response}


_NEW_ID: Final = """{"requestid":"{{randomValue type='UUID'}}"}"""
_REFUSAL: Final = '{"error":"Not Found","message":"There is no such resource, or it is not yours to see"}'
