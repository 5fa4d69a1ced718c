"""Deployments that would make the verifier do harm, if they could: what reaches them is looked at on the wire."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from urllib.parse import quote, unquote

import pytest
from rich.console import Console
from tests.tiers import full
from tests.verify.conftest import broken_checks, rate_limiter_on_a_virtual_clock, target_of
from tests.verify.small_server import (
    BASE_PATH,
    KEY,
    LIMITED_KEY,
    READ_ONLY_KEY,
    Answer,
    Asked,
    Contract,
    as_json,
    serving,
)

from billecta_verify.cli.main import main
from billecta_verify.config.target import DEFAULT_SEED, TargetError
from billecta_verify.fixtures.deployment import Deployment, UnreachableError, preflight
from billecta_verify.reporting import files, har, html, junit, markdown, sarif
from billecta_verify.reporting.model import Result
from billecta_verify.reporting.terminal import show
from billecta_verify.transport.client import Transport
from billecta_verify.transport.exchange import Effect, Purpose, Request, Text
from billecta_verify.transport.operations import READ_STATUS, create_payment, valid
from billecta_verify.transport.safety import RequestRefusedError
from billecta_verify.transport.unknown_ids import is_marked

VALID = valid(Text.plain(KEY))
NONE = Purpose("a check", "SWISH-9", Effect.NONE, "a kind")


def is_keyed_post(asked: Asked) -> bool:
    return asked.method == "POST" and asked.key == KEY


class ShortActions(Contract):
    """Every number of five digits is somebody's action, and every one of seven somebody's payment."""

    def is_action(self, action_id: str) -> bool:
        return action_id.isdigit() and len(action_id) == 5

    def new_id(self) -> str:
        return str(7_000_001 + len(self.payments))

    def status(self, asked: Asked, request_id: str) -> Answer:
        known = request_id.isdigit() and len(request_id) == 7
        return as_json(200, requeststatus="Created") if known else self.not_found(asked)


@pytest.mark.parametrize("seed", [1, *full([2, 20260101])])
def test_absent_ids_are_never_those_of_somebody_else(judge: Callable[..., Result], seed: int) -> None:
    contract = ShortActions()
    result = judge(contract, action_id="48213", payments=0, phones=(), seed=seed)
    assert contract.payments == {}
    assert result.findings == ()


@pytest.mark.full
def test_sequential_ids_are_not_reported(judge: Callable[..., Result]) -> None:
    result = judge(ShortActions(), action_id="48213")
    assert result.findings == ()
    assert result.counts.payments <= 8


@pytest.mark.parametrize("action", ["54321", "action124", "action123x", "%61ction123", "action123/"])
@pytest.mark.parametrize("query", ["phone=46701740605&message=a", "phone=&phone=46701740605&message=&message=a"])
def test_no_complete_create_leaves_for_an_action_that_may_be_real(action: str, query: str) -> None:
    contract = Contract()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        request = create_payment(Text.encoded(action), VALID, phone=None, message=None, raw_query=query)
        with transport.under(NONE), pytest.raises(RequestRefusedError):
            transport.send(request)
    assert contract.seen == []


@pytest.mark.parametrize(
    "path",
    [
        "../other",
        "%2e%2e/other",
        "payments/swish/..%2f..%2fother",
        "payments/swish/%252e%252e/x",
        "a/..;/b",
        "a\\..\\b",
    ],
)
def test_no_request_leaves_the_base_path(path: str) -> None:
    contract = Contract()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        with pytest.raises(RequestRefusedError):
            transport.send(Request(READ_STATUS, "GET", Text.plain(path), VALID))
    assert contract.seen == []


INJECTED = [
    "action123?phone=46709999991&message=hi&a=%41",
]
MORE_INJECTED = ["a\r\nX-Injected: 1", "%2e%2e", "%41/../../../other/app", "..", "action123#", "--", "ÅÄÖ"]


@pytest.mark.parametrize("injected", [*INJECTED, *full(MORE_INJECTED)])
def test_an_id_from_the_server_stays_an_id(judge: Callable[..., Result], injected: str) -> None:
    class Injects(Contract):
        def new_id(self) -> str:
            return injected

    contract = Injects()
    judge(contract)
    assert len(contract.payments) <= 1
    for asked in contract.seen:
        assert asked.raw_path.startswith(BASE_PATH + "/")
        assert ".." not in unquote(unquote(asked.raw_path)).replace("%", "").split("/") or injected in asked.raw_path
        assert "46709999991" not in asked.query
        assert "x-injected" not in asked.headers
    creates = [asked for asked in contract.seen if is_keyed_post(asked) and asked.raw_path.endswith("/action123")]
    assert sum(contract.judge_parameters(asked) is None for asked in creates) <= 8


class Drops(Contract):
    def create(self, asked: Asked, action_id: str) -> Answer:
        return replace(super().create(asked, action_id), drop=True)


class LimitsCreates(Contract):
    def create(self, asked: Asked, action_id: str) -> Answer:
        return replace(as_json(429, message="Too Many Requests"), headers=(("Retry-After", "0"),))


@pytest.mark.parametrize("deployment", [Contract, Drops, LimitsCreates])
@pytest.mark.parametrize(
    "changed", [{}, *full([{"invoice_id": None, "hidden_invoice_id": None}])], ids=["all", "action only"]
)
def test_no_post_with_a_key_is_sent_twice(
    deployment: type[Contract], changed: dict[str, object], judge: Callable[..., Result]
) -> None:
    contract = deployment()
    judge(contract, rate_limiter=rate_limiter_on_a_virtual_clock(), **changed)
    posts = Counter((asked.raw_path, asked.query, asked.body) for asked in contract.seen if is_keyed_post(asked))
    assert posts
    assert max(posts.values()) == 1


def test_a_dropped_post_stops_its_kind(judge: Callable[..., Result]) -> None:
    contract = Drops()
    judge(contract, payments=0, phones=())
    unknown = [asked for asked in contract.seen if is_keyed_post(asked) and is_absent(asked)]
    assert len([asked for asked in unknown if contract.judge_parameters(asked) is None]) <= 2


def is_absent(asked: Asked) -> bool:
    return is_marked(unquote(asked.raw_path.rpartition("/")[2]), DEFAULT_SEED)


def test_a_deployment_that_supplies_the_customers_phone_rings_nobody(judge: Callable[..., Result]) -> None:
    class KnowsItsCustomer(Contract):
        def parameter(self, asked: Asked, name: str) -> str | None:
            return super().parameter(asked, name) or ("46701234567" if name == "phone" else None)

    contract = KnowsItsCustomer()
    judge(contract, payments=0, phones=())
    assert contract.payments == {}
    for asked in contract.seen:
        named = asked.parameters.get("phone", [asked.body.decode("latin-1")])[0].strip()
        assert not is_keyed_post(asked) or is_absent(asked) or named or "/payments/" not in asked.raw_path


def test_after_one_create_that_is_wrongly_accepted_no_other_leaves_with_a_key(judge: Callable[..., Result]) -> None:
    class AcceptsAll(Contract):
        def create(self, asked: Asked, action_id: str) -> Answer:
            return self.created(asked)

    contract = AcceptsAll()
    result = judge(contract, payments=0, phones=())
    assert len(contract.payments) == result.counts.unexpected_payments == 1
    assert sum(map(is_keyed_post, contract.seen)) <= 1 + sum(
        is_keyed_post(asked) and "fetch-invoice-pdf" in asked.raw_path for asked in contract.seen
    )


class Echoes(Contract):
    """Says what it was told wherever a careless report might quote it, in other cases and spellings."""

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        said = [asked.key or "none", asked.raw_path.strip("/").rpartition("/")[2] or "none", *self.payments]
        said += [value for values in asked.parameters.values() for value in values]
        names = [name for text in said for name in (text, text.lower(), quote(text), "".join(map(percent, text)))]
        token = "".join(
            character for character in (asked.key or "none").lower() if character.isalnum() or character in "-."
        )
        if answer.status == 201:
            return replace(answer, media_type=f"application/{token}+json")
        return Answer(
            422 if answer.status == 400 else answer.status,
            json.dumps({**dict.fromkeys(names, 1), "message": [names]}).encode(),
            f"application/{token}+json",
            (("Cache-Control", f"public, max-age=9, {token}"), (f"x-{token}", token)),
        )


def percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def test_no_report_shows_what_an_answer_echoes(judge: Callable[..., Result]) -> None:
    phones = ("46709876543", "46709876544")
    contract = Echoes()
    result = judge(contract, phones=phones, timeout=0.5)
    console = Console(file=StringIO(), width=200, record=True)
    show(result, console)
    text = console.export_text()
    curls = [finding.curl for finding in result.findings if finding.curl]
    evidence = [finding.observed + finding.expected for finding in result.findings]
    evidence += [check.reason or "" for check in result.checks]
    assert len(result.findings) > 10
    reports = [
        markdown.annotate(result),
        *(module.render(result) for module in (files, har, html, junit, markdown, sarif)),
    ]
    secrets = [secret.lower() for secret in (KEY, LIMITED_KEY, READ_ONLY_KEY, *phones, *contract.payments)]
    for shown in (text, *reports, *curls):
        said = unquote(shown).lower()
        assert not [secret for secret in secrets if secret in said]
    for shown in evidence:
        for word in ("1001", "2002", "action123", "Invoice 123", "%31%30", "%5A"):
            assert word.lower() not in shown.lower()


class DeepJson(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, body=b"[" * 100_000) if answer.media_type == "application/json" else answer


def test_json_that_is_nested_too_deeply_is_a_finding(judge: Callable[..., Result]) -> None:
    result = judge(DeepJson(), clauses={"SWISH-1", "SWISH-8", "HTTP-1"})
    assert {"SWISH-1", "SWISH-8", "HTTP-1"} == {finding.clause for finding in result.findings}
    assert broken_checks(result) == []


@pytest.mark.parametrize("model", ["..", "--", "ÅÄÖ", "", "%", "٣٤٥"])
def test_an_absent_id_is_made_of_any_id(model: str) -> None:
    with serving(Contract()) as base_url:
        deployment = Deployment(Transport(target_of(base_url)))
    for made in (*deployment.unknown_ids(Text.plain(model), 2), *deployment.unknown_request_ids(2, Text.plain(model))):
        assert is_marked(made.sent, DEFAULT_SEED)
        assert len(made.sent) >= 20


@pytest.mark.parametrize("location", ["http://[::1/", "http://h:99999/", "//elsewhere.example/x", "https://h/x"])
def test_a_redirect_to_another_place_is_said_in_a_sentence(location: str) -> None:
    class Redirects(Contract):
        def answer(self, asked: Asked) -> Answer:
            return Answer(302, b"", "", (("Location", location),))

    with serving(Redirects()) as base_url, pytest.raises(UnreachableError, match="redirects to"):
        preflight(Transport(target_of(base_url)))


@pytest.mark.parametrize(
    "changed",
    [
        {"base_url": "http://.."},
        {"base_url": "http://h:99999/"},
        {"base_url": "http://a..b/x"},
        {"base_url": f"http://{'a' * 64}.example/x"},
        {"base_url": "http://127.0.0.1/a/../b"},
        {"timeout": 1e300},
        {"timeout": float("nan")},
        {"rate": 1e-300},
        {"invoice_id": ".."},
        {"action_id": "a/../b"},
    ],
)
def test_a_target_that_cannot_be_asked_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(TargetError):
        target_of(**{"base_url": "http://127.0.0.1:1/x", **changed})  # type: ignore[arg-type]


def test_an_error_of_our_own_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError(KEY)

    monkeypatch.delenv("BILLECTA_DEBUG", raising=False)
    monkeypatch.setattr("billecta_verify.cli.commands.resolve", fails)
    assert main([]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "ZeroDivisionError" in error
    assert KEY not in error
