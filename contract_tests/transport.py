"""The one way out: a session whose adapter guards, paces and records every request on the wire.

Nothing here can be switched off by a check. Redirects are not followed, nothing is retried but a GET or HEAD that was
answered 429, and a POST has a connection of its own, so that a dropped one is never mistaken for an idle one.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import requests
import urllib3
from requests.adapters import BaseAdapter

from contract_tests.deadline import Deadline, WatchedAdapter
from contract_tests.decoding import ACCEPTED_CODINGS, CodingError, decoded
from contract_tests.exchange import Effect, Exchange, Purpose, Request
from contract_tests.guard import Guard, OutOfPatienceError
from contract_tests.ledger import Ledger
from contract_tests.pacing import Pacer, retry_after
from contract_tests.target import Target
from contract_tests.wire import READING_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_BODY: Final = 8 * 1024 * 1024
_TRIES_AFTER_429: Final = 3
_CHUNK: Final = 65536
_KEPT_OF_A_FLOOD: Final = 65536
"""What is remembered of a body that is beyond the bound: every exchange of a run is remembered."""
TIMEOUTS_IN_ALL: Final = 3
"""How many time limits an exchange may take in all, when each part of it comes within one."""
_TOO_MANY_REQUESTS: Final = 429
USER_AGENT: Final = "billecta-verify"

PREFLIGHT: Final = Purpose("preflight", "", Effect.READ)

_FAILURES: Final = (
    ((urllib3.exceptions.NameResolutionError,), "its host name is not known (DNS)", False),
    (
        (ssl.SSLCertVerificationError,),
        "its TLS certificate is not trusted; for a private authority give --ca-file",
        False,
    ),
    ((ssl.SSLError, urllib3.exceptions.SSLError), "the TLS handshake failed; does it speak https on this port?", False),
    ((ConnectionRefusedError,), "it refused the connection; is it running, and is the port right?", False),
    ((urllib3.exceptions.ConnectTimeoutError,), "no connection was made within the time limit (--timeout)", False),
    ((urllib3.exceptions.ReadTimeoutError, TimeoutError), "it did not answer within the time limit (--timeout)", True),
)
"""What may fail before an answer: by which exceptions it is known, in words, and whether the request was sent."""


class NoAnswerError(Exception):
    """The request was sent, or could not be sent, and no answer came. `sent` is false where it cannot have arrived."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Received:
    """A body as sent and with its content coding undone, why it is not whole, and the seconds that it took."""

    wire: bytes
    body: bytes
    broken: str | None
    elapsed: float


class GuardedAdapter(BaseAdapter):
    """Sends what the guard admits, through connections of its own."""

    def __init__(self, guard: Guard, pacer: Pacer, ledger: Ledger, connect: Callable[[], BaseAdapter]) -> None:
        super().__init__()
        self.guard = guard
        self.pacer = pacer
        self.ledger = ledger
        self.purpose = PREFLIGHT
        self._connect = connect
        self._kept_alive = connect()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Guard, pace and send; a GET or HEAD that is answered 429 is asked again when the deployment says so."""
        for remaining in reversed(range(_TRIES_AFTER_429 if request.method in {"GET", "HEAD"} else 1)):
            if self.pacer.is_out_of_patience:
                raise OutOfPatienceError
            self.guard.admit(request, self.purpose)
            self.pacer.wait()
            response = self._send_noted(request, *args, **options)
            if response.status_code != _TOO_MANY_REQUESTS:
                break
            self.ledger.rate_limited += 1
            self.pacer.hold(retry_after(response.headers.get("retry-after")))
            if not remaining:
                break
        self.guard.note_answer(request, self.purpose, response.status_code)
        return response

    def _send_noted(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        try:
            return self._send_once(request, *args, **options)
        except NoAnswerError as error:
            if error.sent:
                self.guard.note_silence(request, self.purpose)
            raise

    def _send_once(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        if request.method in READING_METHODS:
            return self._exchange(self._kept_alive, request, *args, **options)
        adapter = self._connect()
        try:
            return self._exchange(adapter, request, *args, **options)
        finally:
            adapter.close()

    def _exchange(
        self, adapter: BaseAdapter, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        started = perf_counter()
        with Deadline(TIMEOUTS_IN_ALL * options["timeout"]) as deadline:
            try:
                response = adapter.send(request, *args, **{**options, "stream": True})
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                raise (_too_slow() if deadline.has_passed else _no_answer(error)) from error
            with response:
                if deadline.has_passed:  # a cut in the headers reads as their end
                    raise _too_slow()
                wire, broken = _read_whole(response.raw)
        elapsed = perf_counter() - started
        _replay(response, wire, "not sent within the time limit" if deadline.has_passed else broken, elapsed)
        return response

    def close(self) -> None:
        """Close the connections that are kept."""
        self._kept_alive.close()


class GuardedSession(requests.Session):
    """A `requests.Session` that can do nothing but what the guard admits.

    It keeps no cookies, for a cookie must not stand in for a key; takes nothing from the environment; follows nothing.
    """

    def __init__(self, adapter: GuardedAdapter, target: Target) -> None:
        super().__init__()
        self.trust_env = False
        self.headers["User-Agent"] = USER_AGENT
        self.headers["Accept-Encoding"] = ACCEPTED_CODINGS
        self.adapters.clear()
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self._ca_file = str(target.ca_file) if target.ca_file else True
        self._timeout = target.timeout

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send with our own time limit and trust, whatever the caller asks for."""
        options.update(timeout=self._timeout, verify=self._ca_file, cert=None, proxies={}, stream=True)
        return super().send(request, **options)

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 — the name is that of requests
        """None: an answer that redirects is the answer."""
        return None


class Transport:
    """Sends requests to the target for a purpose, and remembers every exchange."""

    def __init__(
        self, target: Target, *, connect: Callable[[], BaseAdapter] | None = None, pacer: Pacer | None = None
    ) -> None:
        self.target = target
        self.guard = Guard(target)
        self.ledger = Ledger()
        self.pacer = pacer or Pacer(target.requests_per_second)
        self._adapter = GuardedAdapter(self.guard, self.pacer, self.ledger, connect or _network)
        self.session = GuardedSession(self._adapter, target)

    @property
    def words(self) -> frozenset[str]:
        """What no quotation of an answer may show besides the secrets: ids and messages."""
        ids = (self.target.invoice_id, self.target.hidden_invoice_id, self.target.action_id)
        return frozenset(self.ledger.words.union(resource_id for resource_id in ids if resource_id))

    @property
    def purpose(self) -> Purpose:
        """For what the next request is sent."""
        return self._adapter.purpose

    @contextmanager
    def under(self, purpose: Purpose) -> Iterator[None]:
        """Send for this purpose while the block runs."""
        before, self._adapter.purpose = self._adapter.purpose, purpose
        try:
            yield
        finally:
            self._adapter.purpose = before

    def send(self, request: Request, *, base_url: str | None = None) -> Exchange:
        """Send one request; raises SafetyError when it may not be sent, NoAnswerError when nothing came back."""
        try:
            response = self.session.send(self._prepared(request, base_url or self.target.base_url))
        except requests.RequestException as error:
            raise NoAnswerError("the request cannot be put into words of HTTP", sent=False) from error
        except NoAnswerError as error:
            if base_url is None:
                self.ledger.silence.append(str(error))
            raise
        exchange = _recorded(request, self.purpose, response)
        self.ledger.silence.clear()
        return self.ledger.keep(exchange)

    def close(self) -> None:
        """Close every connection."""
        self.session.close()

    def _prepared(self, request: Request, base_url: str) -> requests.PreparedRequest:
        headers = dict(self.session.headers)
        if request.method not in READING_METHODS:
            headers["Connection"] = "close"
        prepared = requests.Request(request.method, base_url + "/", headers=headers, data=request.body).prepare()
        prepared.url = f"{base_url}/{request.url_suffix}"
        prepared.headers.update(request.all_headers())
        return prepared


def _network() -> BaseAdapter:
    return WatchedAdapter(pool_connections=2, pool_maxsize=1, max_retries=0)


def _read_whole(raw: urllib3.HTTPResponse) -> tuple[bytes, str | None]:
    """The body as sent, and why it is not whole if it is not."""
    body = bytearray()
    try:
        while chunk := raw.read1(_CHUNK, decode_content=False):
            body += chunk
            if len(body) > LARGEST_BODY:
                return bytes(body[:_KEPT_OF_A_FLOOD]), f"longer than {LARGEST_BODY} bytes"
    except urllib3.exceptions.IncompleteRead as error:
        return bytes(body), f"cut: {error.expected} bytes are missing"
    except (urllib3.exceptions.HTTPError, OSError) as error:
        return bytes(body), f"cut: {type(error).__name__}"
    return bytes(body), None


def _replay(response: requests.Response, wire: bytes, broken: str | None, elapsed: float) -> None:
    """Let the response be read again from memory, so that requests and schemathesis see a usual response."""
    try:
        body = decoded(wire, response.headers.get("content-encoding", ""), LARGEST_BODY)
    except CodingError as error:
        body, broken = b"", broken or f"its content coding cannot be undone ({error})"
    if len(body) > LARGEST_BODY:
        wire, body = wire[:_KEPT_OF_A_FLOOD], body[:_KEPT_OF_A_FLOOD]
        broken = broken or f"longer than {LARGEST_BODY} bytes once its content coding is undone"
    elif broken:
        wire, body = wire[:_KEPT_OF_A_FLOOD], body[:_KEPT_OF_A_FLOOD]
    response.raw = _in_memory(response.raw, wire)
    response._content = body  # noqa: SLF001 — what requests would make of it by itself, without a bound
    response.__dict__["received"] = Received(wire, body, broken, elapsed)


def _in_memory(original: urllib3.HTTPResponse, wire: bytes) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(
        BytesIO(wire),
        headers=original.headers,
        status=original.status,
        version=original.version,
        reason=original.reason,
        preload_content=False,
        enforce_content_length=False,
    )


def _recorded(request: Request, purpose: Purpose, response: requests.Response) -> Exchange:
    received: Received = response.__dict__.pop("received")
    return Exchange(
        request=request,
        purpose=purpose,
        status=response.status_code,
        headers=tuple(response.raw.headers.iteritems()),
        body=received.body,
        wire=received.wire,
        elapsed=received.elapsed,
        broken=received.broken,
        response=response,
    )


def _too_slow() -> NoAnswerError:
    return NoAnswerError("it did not answer within the time limit (--timeout)", sent=True)


def _no_answer(error: Exception) -> NoAnswerError:
    """The failure in one sentence that shows neither address internals nor a key."""
    causes = _chain(error)
    for kinds, reason, sent in _FAILURES:
        if any(isinstance(cause, kinds) for cause in causes):
            return NoAnswerError(reason, sent=sent)
    return NoAnswerError("the connection was closed without an answer", sent=True)


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    pending: list[object] = [error]
    while pending:
        item = pending.pop()
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            pending += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
    return found
