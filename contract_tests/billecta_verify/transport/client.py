"""The one way out: a session whose adapter guards, paces and records every request on the wire.

Nothing here can be switched off by a check. Redirects are not followed; nothing is retried but a read, or a request
without a key, that was answered 429; and a POST has a connection of its own, so that a dropped one is never mistaken
for an idle one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import DefaultCookiePolicy
from time import perf_counter, time
from typing import Any, Final

import requests
import urllib3
from requests.adapters import BaseAdapter

from billecta_verify.config.target import Target, origin_of
from billecta_verify.transport.body import ACCEPTED_CODINGS, Received, read_whole, replay
from billecta_verify.transport.budget import Budget, LocalBudget
from billecta_verify.transport.deadline import Deadline, WatchedAdapter
from billecta_verify.transport.errors import (
    CircuitBreaker,
    NoResponseError,
    explain_failure,
    suppress_http_logs,
    too_slow,
)
from billecta_verify.transport.exchange import API_KEY_HEADER, NO_KEY, Effect, Exchange, Purpose, Request, Text
from billecta_verify.transport.operations import fetch_invoice
from billecta_verify.transport.rate_limit import RateLimiter, retry_after
from billecta_verify.transport.recorder import Recorder
from billecta_verify.transport.request_analysis import READING_METHODS, carries_key
from billecta_verify.transport.safety import RateLimitedError, SafetyError, SafetyPolicy, SilentDeploymentError

_TRIES_AFTER_429: Final = 3
TIMEOUTS_IN_ALL: Final = 3
"""How many time limits an exchange may take in all, when each part of it comes within one."""
_OK: Final = 200
_TOO_MANY_REQUESTS: Final = 429
USER_AGENT: Final = "billecta-verify"

PREFLIGHT: Final = Purpose("preflight", "", Effect.READ)
WHETHER_ANYTHING_IS_THERE: Final = fetch_invoice(Text.plain("0"), NO_KEY)
"""Without a key, for an invoice that cannot exist."""


class GuardedAdapter(BaseAdapter):
    """Sends what the guard admits, through connections of its own."""

    def __init__(
        self, policy: SafetyPolicy, rate_limiter: RateLimiter, recorder: Recorder, connect: Callable[[], BaseAdapter]
    ) -> None:
        super().__init__()
        self.policy = policy
        self.rate_limiter = rate_limiter
        self.recorder = recorder
        self.purpose = PREFLIGHT
        self.is_key_seen = False
        self.circuit_breaker = CircuitBreaker()
        self.ask_whether_anything_is_there: Callable[[], object] = lambda: None
        self._connect = connect
        self._kept_alive = connect()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Guard, pace and send; a read, or what carries no key, is asked again when it is answered 429."""
        self._expect_answers()
        for remaining in reversed(range(_TRIES_AFTER_429 if self._may_ask_again(request) else 1)):
            if self.rate_limiter.is_wait_exhausted:
                raise RateLimitedError
            self.policy.check(request, self.purpose)
            self.rate_limiter.wait()
            response = self._send_noted(request, *args, **options)
            if response.status_code != _TOO_MANY_REQUESTS:
                break
            self.recorder.rate_limited += 1
            self.rate_limiter.hold(retry_after(response.headers.get("retry-after")))
            if not remaining:
                break
        self.policy.record_response(request, self.purpose, response.status_code)
        self.is_key_seen |= _is_document_for(self.policy.target.api_key, request, response)
        return response

    def _expect_answers(self) -> None:
        if self.circuit_breaker.should_probe and self.purpose is not PREFLIGHT:
            self.ask_whether_anything_is_there()
        if self.circuit_breaker.is_open:
            raise SilentDeploymentError

    def _may_ask_again(self, request: requests.PreparedRequest) -> bool:
        """429 says that nothing was done; what carries a valid key is believed on that only if it reads."""
        return request.method in READING_METHODS or not carries_key(request, self.policy.target.keys)

    def _send_noted(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        is_of_target = origin_of(request.url or "") == self.policy.target.origin
        try:
            response = self._send_once(request, *args, **options)
        except NoResponseError as error:
            self.policy.record_no_response(request, self.purpose, sent=error.sent)
            if is_of_target:
                self.circuit_breaker.note(answered=False)
            raise
        if is_of_target:
            self.circuit_breaker.note(answered=True)
        return response

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
        with suppress_http_logs(), Deadline(TIMEOUTS_IN_ALL * options["timeout"]) as deadline:
            try:
                response = adapter.send(request, *args, **{**options, "stream": True})
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                raise (too_slow() if deadline.has_passed else explain_failure(error)) from error
            with response:
                if deadline.has_passed:  # a cut in the headers reads as their end
                    raise too_slow()
                wire, broken = read_whole(response.raw)
        elapsed = perf_counter() - started
        replay(response, wire, "not sent within the time limit" if deadline.has_passed else broken, elapsed)
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
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
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
        self,
        target: Target,
        *,
        connect: Callable[[], BaseAdapter] | None = None,
        rate_limiter: RateLimiter | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.budget = budget or LocalBudget()
        self.target = target
        self.policy = SafetyPolicy(target, self.budget)
        self.recorder = Recorder()
        self.rate_limiter = rate_limiter or RateLimiter(target.requests_per_second, budget=self.budget)
        self._adapter = GuardedAdapter(self.policy, self.rate_limiter, self.recorder, connect or _network)
        self._adapter.ask_whether_anything_is_there = self._ask_whether_anything_is_there
        self.session = GuardedSession(self._adapter, target)

    @property
    def words(self) -> frozenset[str]:
        """What no quotation of an answer may show besides the secrets: ids and messages."""
        ids = (self.target.invoice_id, self.target.hidden_invoice_id, self.target.action_id)
        return frozenset(self.recorder.words.union(resource_id for resource_id in ids if resource_id))

    @property
    def is_given_up(self) -> bool:
        """Whether the deployment has stopped answering, so that nothing more is sent."""
        return self._adapter.circuit_breaker.is_open

    @property
    def is_key_seen(self) -> bool:
        """Whether a document came for the key, be it to a check or to a user's own test."""
        return self._adapter.is_key_seen

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
        """Send one request; raises SafetyError when it may not be sent, NoResponseError when nothing came back."""
        try:
            response = self.session.send(self._prepared(request, base_url or self.target.base_url))
        except requests.RequestException as error:
            raise NoResponseError("the request cannot be put into words of HTTP", sent=False) from error
        except NoResponseError as error:
            if error.sent:
                self.recorder.note_unanswered(request, self.purpose, str(error))
            if base_url is None:
                self.recorder.circuit_breaker.append(str(error))
            raise
        exchange = _recorded(request, self.purpose, response)
        self.recorder.circuit_breaker.clear()
        return self.recorder.keep(exchange)

    def _ask_whether_anything_is_there(self) -> None:
        with suppress(NoResponseError, SafetyError), self.under(PREFLIGHT):
            self.send(WHETHER_ANYTHING_IS_THERE)

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


def _is_document_for(key: str, request: requests.PreparedRequest, response: requests.Response) -> bool:
    is_document = response.headers.get("content-type", "").lower().startswith("application/pdf")
    return is_document and response.status_code == _OK and request.headers.get(API_KEY_HEADER) == key


def _network() -> BaseAdapter:
    return WatchedAdapter(pool_connections=2, pool_maxsize=1, max_retries=0)


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
        ended=time(),
        response=response,
    )
