"""Deployments whose answers are larger than a run can remember."""

from __future__ import annotations

import resource
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from tests.verify.conftest import target_of
from tests.verify.small_server import KEY, Answer, Asked, Contract, serving

from billecta_verify.reporting.model import Result
from billecta_verify.transport.body import LARGEST_BODY
from billecta_verify.transport.client import Transport
from billecta_verify.transport.exchange import Text
from billecta_verify.transport.operations import fetch_invoice, valid
from billecta_verify.transport.recorder import ROOM_FOR_BODIES

pytestmark = pytest.mark.full

MEBIBYTE = 1024 * 1024
INVOICE = fetch_invoice(Text.plain("1001"), valid(Text.plain(KEY)))


def large_document(number: int) -> bytes:
    buffer = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.Root.Ballast = document.make_stream(b"%d" % number + bytes(6 * MEBIBYTE))
        document.save(buffer, compress_streams=False)
    return buffer.getvalue()


class LargeDocument(Contract):
    """A sound document of several mebibytes, another one each time."""

    def document(self, asked: Asked) -> Answer:
        return replace(super().document(asked), body=large_document(len(self.seen)))


class Flood(Contract):
    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, body=b"x" * (LARGEST_BODY + MEBIBYTE))


def test_large_documents_that_differ_are_judged_and_not_all_remembered(judge: Callable[..., Result]) -> None:
    assert judge(LargeDocument()).findings == ()


def test_the_same_large_body_is_held_once() -> None:
    class Same(Contract):
        def document(self, asked: Asked) -> Answer:
            return Answer(200, b"x" * MEBIBYTE, "application/pdf")

    with serving(Same()) as base_url:
        transport = Transport(target_of(base_url))
        first, second = transport.send(INVOICE), transport.send(INVOICE)
    assert first.body is second.body is first.wire
    assert first.response is not None
    assert first.response.content is first.body


def test_beyond_the_room_for_bodies_none_is_held() -> None:
    with serving(LargeDocument()) as base_url:
        transport = Transport(target_of(base_url))
        answers = [transport.send(INVOICE) for _ in range(ROOM_FOR_BODIES // (6 * MEBIBYTE) + 2)]
    assert not answers[-1].is_kept
    assert answers[-1].body.startswith(b"%PDF-")
    assert sum(len(exchange.body) for exchange in transport.recorder.exchanges) <= ROOM_FOR_BODIES


def test_a_flood_does_not_fill_the_memory() -> None:
    contract = Flood()
    with serving(contract) as base_url:
        transport = Transport(target_of(base_url))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(30):
            assert transport.send(INVOICE).broken == f"longer than {LARGEST_BODY} bytes"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024
