"""SEC-1: a deployment that is reached over https and answers over plain http too. No key ever goes that way."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from tests.verify.conftest import target_of

from billecta_verify.reporting.model import ClauseResult
from billecta_verify.runner.collector import RunCollector
from billecta_verify.runner.dry_run import ReferenceAdapter, ReferenceDeployment
from billecta_verify.runner.run import run_checks
from billecta_verify.transport.client import Transport


class TalksPlainly(ReferenceAdapter):
    """Answers on plain http what it answers on https, and notes what it was asked there."""

    asked_plainly: list[requests.PreparedRequest]

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        if request.url and request.url.startswith("http:"):
            self.asked_plainly.append(request)
            request.url = request.url.replace("http:", "https:")
        return super().send(request, *args, **options)


def judged(adapter: type[ReferenceAdapter]) -> ClauseResult:
    target = target_of("https://host.example:8443/database/x")
    ideal = ReferenceDeployment(target)
    transport = Transport(target, connect=lambda: adapter(ideal))
    result = run_checks(RunCollector(transport), {"SEC-1"})
    return next(clause for clause in result.clauses if clause.clause.id == "SEC-1")


def test_no_answer_over_plain_http_is_as_it_should_be() -> None:
    assert judged(ReferenceAdapter).verdict == "passed"


def test_an_answer_over_plain_http_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[requests.PreparedRequest] = []
    monkeypatch.setattr(TalksPlainly, "asked_plainly", asked, raising=False)
    clause = judged(TalksPlainly)
    assert clause.is_warning
    assert len(asked) == 1
    assert "x-api-key" not in asked[0].headers
