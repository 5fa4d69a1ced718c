"""What may leave the machine, seen on the wire."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from random import Random

import pytest
from tests.mutation.small_defects import UnknownActionAccepted
from tests.tiers import full
from tests.verify.conftest import PHONES, target_of
from tests.verify.small_server import KEY, Answer, Asked, Contract, serving

from billecta_verify.config.target import DEFAULT_SEED, KEYS, public_fields
from billecta_verify.reporting.model import Result
from billecta_verify.runner.dry_run import ReferenceAdapter, ReferenceDeployment, dry_run
from billecta_verify.runner.run import run
from billecta_verify.transport.client import Transport
from billecta_verify.transport.errors import NoResponseError
from billecta_verify.transport.exchange import NO_KEY, Effect, Purpose, Request, Text
from billecta_verify.transport.operations import CREATE_PAYMENT, create_payment, fetch_invoice, valid
from billecta_verify.transport.safety import BudgetSpentError, GroupStoppedError, RequestRefusedError
from billecta_verify.transport.unknown_ids import unknown_id

VALID = valid(Text.plain(KEY))
CREATE = Purpose("a check", "SWISH-1", Effect.CREATE)
REFUSABLE = Purpose("a check", "SWISH-9", Effect.NONE, "create for an unknown action")
READ = Purpose("a check", "PDF-1", Effect.READ)


def absent(number: int = 0) -> str:
    """The id of an action that the guard knows to be none."""
    return unknown_id("action123", DEFAULT_SEED, Random(number))


def payment(phone: str = PHONES[0], action: str = "action123", message: str = "Invoice 123") -> Request:
    return create_payment(Text.plain(action), VALID, phone=Text.plain(phone), message=message)


def invoice() -> Request:
    return fetch_invoice(Text.plain("1001"), VALID)


@contextmanager
def listening() -> Iterator[tuple[str, list[socket.socket]]]:
    """A socket that accepts connections, notes them, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        accepted: list[socket.socket] = []
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                try:
                    accepted.append(server.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/database/limepkg-billecta-integration", accepted
        finally:
            done.set()
            thread.join()
            for connection in accepted:
                connection.close()


def test_payments_stop_at_the_budget() -> None:
    contract = Contract()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url, payments=2))
        with transport.under(CREATE):
            transport.send(payment())
            transport.send(payment())
            with pytest.raises(BudgetSpentError):
                transport.send(payment())
    assert len(contract.payments) == 2


def test_without_a_budget_a_whole_run_creates_nothing(judge: Callable[..., Result]) -> None:
    contract = Contract()
    result = judge(contract, payments=0, phones=())
    assert contract.payments == {}
    assert result.counts.payments == 0
    assert result.verdict == "conforms"
    assert {c.clause.id for c in result.clauses if c.verdict == "not exercised"} >= {"SWISH-1", "STATUS-1"}


@pytest.mark.parametrize("status", [401, *full([404, 503])])
def test_no_payment_is_tried_where_the_key_opens_nothing(judge: Callable[..., Result], status: int) -> None:
    class Closed(Contract):
        def answer(self, asked: Asked) -> Answer:
            self.seen.append(asked)
            return Answer(status, b"{}")

    contract = Closed()
    assert judge(contract).counts.payments == 0
    for asked in contract.seen:
        if asked.method == "POST" and asked.raw_path.endswith("/action123") and asked.key == KEY:
            assert contract.judge_parameters(asked) is not None


def test_requests_stop_at_the_budget(judge: Callable[..., Result]) -> None:
    contract = Contract()
    result = judge(contract, max_requests=25)
    assert len(contract.seen) == result.counts.requests == 25
    assert result.verdict == "inconclusive"


@pytest.mark.parametrize("phone", ["46701234567", "0701234567", "+46 70 123 45 67", "467012345678901234567"])
@pytest.mark.parametrize("purpose", [CREATE, REFUSABLE], ids=["create", "none"])
def test_no_foreign_number_leaves(phone: str, purpose: Purpose) -> None:
    contract = Contract()
    with serving(contract) as base_url, Transport(target_of(base_url)).under(purpose):
        transport = Transport(target_of(base_url))
        with transport.under(purpose), pytest.raises(RequestRefusedError):
            transport.send(payment(phone, action=absent()))
    assert contract.seen == []


@pytest.mark.parametrize("body", [b"phone=46701234567&message=a", b'{"phone": "46701234567", "message": "a"}'])
def test_no_foreign_number_leaves_in_a_body(body: bytes) -> None:
    contract = Contract()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        request = create_payment(Text.plain("x"), VALID, phone=None, message=None, form=("text/plain", body))
        with transport.under(REFUSABLE), pytest.raises(RequestRefusedError):
            transport.send(request)
    assert contract.seen == []


def test_a_complete_create_under_another_effect_does_not_leave() -> None:
    contract = Contract()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        with transport.under(REFUSABLE), pytest.raises(RequestRefusedError):
            transport.send(payment())
    assert contract.seen == []


@pytest.mark.parametrize(
    ("base_url", "is_sent"), [("http://127.0.0.1:1/x", True), ("https://customer.example/x", False)]
)
def test_a_part_of_an_action_is_tried_on_this_machine_alone(base_url: str, *, is_sent: bool) -> None:
    target = target_of(base_url)
    transport = Transport(target, connect=lambda: ReferenceAdapter(ReferenceDeployment(target)))
    with transport.under(REFUSABLE), nullcontext() if is_sent else pytest.raises(RequestRefusedError):
        assert transport.send(payment(action="acti")).status == 404
    with transport.under(REFUSABLE), pytest.raises(RequestRefusedError):
        transport.send(payment(action="action12"))
    assert transport.policy.requests == int(is_sent)


def test_the_first_unexpected_payment_stops_its_kind_and_all_others_with_a_key() -> None:
    contract = UnknownActionAccepted()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        with transport.under(REFUSABLE):
            assert transport.send(payment(action=absent(1))).status == 201
            with pytest.raises(GroupStoppedError):
                transport.send(payment(action=absent(2)))
        with transport.under(replace(REFUSABLE, kind="another kind")), pytest.raises(GroupStoppedError):
            transport.send(payment(action=absent(3)))
        with transport.under(replace(REFUSABLE, kind="another kind")):
            assert transport.send(replace(payment(), credential=NO_KEY)).status == 404
    assert len(contract.payments) == 1
    assert transport.policy.unexpected_payments == 1


def test_a_post_on_a_dropped_connection_is_sent_once() -> None:
    class Drops(Contract):
        def created(self, asked: Asked) -> Answer:
            return replace(super().created(asked), drop=True)

    contract = Drops()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        transport.send(invoice())
        with transport.under(CREATE), pytest.raises(NoResponseError):
            transport.send(payment())
    assert [asked.method for asked in contract.seen] == ["GET", "POST"]
    assert len(contract.payments) == 1


def test_a_post_that_is_answered_429_is_not_sent_again() -> None:
    class Limits(Contract):
        def create(self, asked: Asked, action_id: str) -> Answer:
            return Answer(429, headers=(("Retry-After", "0"),))

    contract = Limits()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        with transport.under(CREATE):
            assert transport.send(payment()).status == 429
    assert len(contract.seen) == 1


def test_a_redirect_is_not_followed_and_its_host_not_contacted() -> None:
    with listening() as (elsewhere, connections):

        class Redirects(Contract):
            def document(self, asked: Asked) -> Answer:
                return Answer(302, b"", "", (("Location", elsewhere),))

        contract = Redirects()
        with serving(contract) as base_url:
            transport = Transport(target_of(base_url))
            assert transport.send(invoice()).status == 302
        assert connections == []
    assert len(contract.seen) == 1


def test_another_origin_is_never_contacted() -> None:
    with listening() as (elsewhere, connections), serving(Contract()) as base_url:
        transport = Transport(target_of(base_url))
        with pytest.raises(RequestRefusedError):
            transport.send(invoice(), base_url=elsewhere)
        assert connections == []


def test_cookies_are_not_kept() -> None:
    class SetsCookies(Contract):
        def finish(self, asked: Asked, answer: Answer) -> Answer:
            return replace(answer, headers=(("Set-Cookie", "session=1; Path=/"),))

    contract = SetsCookies()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        transport.send(invoice())
        transport.send(fetch_invoice(Text.plain("1001"), NO_KEY))
    assert "cookie" not in contract.seen[1].headers


def test_neither_proxies_nor_netrc_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as (proxy, connections):
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("HTTP_PROXY", proxy)
        contract = Contract()
        with serving(contract) as base_url:
            assert Transport(target_of(base_url)).send(invoice()).status == 200
        assert connections == []
    assert "authorization" not in contract.seen[0].headers


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE"])
def test_methods_that_change_things_never_go_to_another_machine(method: str) -> None:
    target = replace(target_of("http://127.0.0.1:1"), base_url="https://customer.example/database/x")
    ideal = ReferenceDeployment(target)
    transport = Transport(target, connect=lambda: ReferenceAdapter(ideal))
    with transport.under(replace(REFUSABLE, kind="a method")), pytest.raises(RequestRefusedError):
        transport.send(Request(CREATE_PAYMENT, method, Text.plain("payments/swish/x"), VALID))


def test_a_key_never_crosses_the_network_in_the_clear() -> None:
    target = replace(target_of("http://127.0.0.1:1"), base_url="https://127.0.0.1:8443/database/x")
    transport = Transport(target, connect=lambda: ReferenceAdapter(ReferenceDeployment(target)))
    with pytest.raises(RequestRefusedError):
        transport.send(invoice(), base_url="http://127.0.0.1:8443/database/x")


def test_a_plan_opens_no_connection() -> None:
    with listening() as (base_url, connections):
        plan = dry_run(target_of(base_url))
        assert plan.rehearsal.counts.requests > 100
        assert connections == []


def test_a_plan_is_exact_for_a_conforming_deployment(judge: Callable[..., Result]) -> None:
    contract = Contract()
    with serving(contract) as base_url:
        target = target_of(base_url)
        planned = dry_run(target).rehearsal
        result = run(target)
    assert planned.counts.payments == result.counts.payments <= 8
    assert len(contract.payments) == result.counts.payments - 1  # one has to be refused: spaces count
    assert planned.counts.requests == result.counts.requests <= 350
    assert len(contract.seen) == result.counts.requests


def test_reading_needs_no_budget_and_other_effects_no_post() -> None:
    with serving(Contract()) as base_url:
        transport = Transport(target_of(base_url))
        with transport.under(READ), pytest.raises(RequestRefusedError):
            transport.send(fetch_invoice(Text.plain("1001"), VALID, method="POST"))


def test_a_body_is_read_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billecta_verify.transport.body.LARGEST_BODY", 1000)

    class Endless(Contract):
        def document(self, asked: Asked) -> Answer:
            return Answer(200, b"x" * 500_000, "application/pdf")

    with serving(Endless()) as base_url:
        exchange = Transport(target_of(base_url)).send(invoice())
    assert exchange.broken == "longer than 1000 bytes"
    assert len(exchange.body) < 200_000


def test_a_target_shows_neither_keys_nor_phones() -> None:
    keys = {name: f"secret-{name}" for name in KEYS}
    target = target_of("http://127.0.0.1:1", phones=("46700000123",), **keys)
    assert set(target.secrets) == {*keys.values(), "46700000123"}
    for secret in target.secrets:
        assert secret not in repr(target)
        assert secret not in str(public_fields(target))
