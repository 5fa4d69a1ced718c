"""The connection to the admin API of a mock server, and its errors."""

import difflib
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, urlencode, urlsplit

import urllib3

_CONNECT_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 30.0
_GOOD: Final = frozenset({200, 201, 204})


class ControlError(Exception):
    """The admin API refused. The text says what was asked, and in its own words why that cannot be."""

    def __init__(self, asked: str, status: int, message: str) -> None:
        """`status` is that of HTTP: 400, 401, 403, 404, 409 or 507."""
        super().__init__(f"{asked}: {status}, {message}")
        self.status = status
        self.message = message


class UnreachableError(ConnectionError):
    """Nothing answers there, or not as a mock server does."""


class OptionError(TypeError):
    """An argument that there is not, or that is of another kind. The text says what would do."""


class UnknownKeyError(KeyError):
    """A name that no key of the world has. The text says which there are."""

    def __str__(self) -> str:
        """The sentence as it is; a KeyError would quote it."""
        return str(self.args[0])


def refuse_unknown(options: Iterable[str], known: Collection[str]) -> None:
    """Raise OptionError as Python does for named arguments, which these are."""
    for name in options:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            meant = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(sorted(known))}"
            raise OptionError(f"there is no option '{name}'; {meant}")


class _Raised(Protocol):
    @property
    def value(self) -> BaseException: ...


def is_explained(raised: _Raised) -> bool:
    """Whether an error says all there is to say; pytest then shows the line of the test, and not those of this package.

    The modules of this package have it as their `__tracebackhide__`, which pytest asks.
    """
    return isinstance(raised.value, AssertionError | ControlError | OptionError | UnknownKeyError | UnreachableError)


__tracebackhide__ = is_explained


class Connection:
    """Requests to the admin API of one mock server.

    urllib3 rather than requests, which a test may well have patched: what steers the mock must not meet the same fate.
    """

    def __init__(
        self,
        origin: str,
        token: str | None = None,
        ca_file: Path | str | None = None,
        client_file: Path | str | None = None,
    ) -> None:
        """`origin` is scheme, host and port; `ca_file` is to be trusted, `client_file` (with its key) to be shown.

        Raises ValueError for an address that is none and for files that are of no use. Nothing is sent yet.
        """
        self.origin = _read_origin(origin)
        for what, file in (("certificate authority", ca_file), ("client certificate", client_file)):
            if file is not None:
                _check_file(what, Path(file), self.origin)
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._pool = urllib3.PoolManager(
            retries=False,
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS),
            ca_certs=None if ca_file is None else str(ca_file),
            cert_file=None if client_file is None else str(client_file),
        )

    def ask(
        self, method: str, *path: str, body: object = None, query: Mapping[str, object] | None = None, wait: float = 0
    ) -> Any:
        """The document that the admin API answers with, None where it has none.

        `path` are the segments after `/__admin`; `wait` the seconds that the answer may take beyond what is usual.
        Raises ControlError where it refuses, UnreachableError where it cannot be reached.
        """
        status, document = self.judge(method, *path, body=body, query=query, wait=wait)
        if status in _GOOD:
            return document
        raise ControlError(f"{method} {_spell(path)}", status, _read_message(document))

    def judge(
        self, method: str, *path: str, body: object = None, query: Mapping[str, object] | None = None, wait: float = 0
    ) -> tuple[int, Any]:
        """Status and document, whatever they are. Raises UnreachableError."""
        url = f"{self.origin}/__admin{_spell(path)}{f'?{urlencode(query)}' if query else ''}"
        timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS + wait)
        content = None if body is None else json.dumps(body).encode()
        headers = self._headers if content is None else {**self._headers, "content-type": "application/json"}
        try:
            response = self._pool.urlopen(method, url, body=content, headers=headers, timeout=timeout)
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(f"no mock server answers at {self.origin}: {error}") from None
        return response.status, self._read(response)

    def close(self) -> None:
        """Let go of open connections; another request opens one again."""
        self._pool.clear()

    def _read(self, response: "urllib3.BaseHTTPResponse") -> Any:
        if not response.data:
            return None
        try:
            return json.loads(response.data)
        except ValueError:
            raise UnreachableError(f"what answers at {self.origin} is no mock server: it speaks no JSON") from None


def _read_origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"'{text}' is not the address of a mock server, such as http://127.0.0.1:8080")
    return f"{parts.scheme}://{parts.netloc}"


def _check_file(what: str, file: Path, origin: str) -> None:
    if origin.startswith("http:"):
        raise ValueError(f"the {what} {file} is for https, and {origin} is not")
    if not file.is_file():
        raise ValueError(f"the {what} {file} is no file that is there")


def _spell(path: tuple[str, ...]) -> str:
    return "".join(f"/{quote(segment, safe='')}" for segment in path)


def _read_message(document: object) -> str:
    return str(document.get("message", document)) if isinstance(document, Mapping) else "no mock server answers so"
