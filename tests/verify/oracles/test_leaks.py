"""What error answers give away, and that a body which comes again and again is read once."""

from __future__ import annotations

from tests.verify.small_server import KEY

from billecta_verify.oracles.leaks import inside_shown, secret_shown
from billecta_verify.transport.exchange import Effect, Exchange, Purpose, Text
from billecta_verify.transport.operations import fetch_invoice, valid


class CountedBody(bytes):
    """A body that counts how often bodies are decoded."""

    decoded = 0

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        CountedBody.decoded += 1
        return super().decode(encoding, errors)


def answers(*bodies: bytes, header: str = "nginx") -> list[Exchange]:
    request = fetch_invoice(Text.plain("1001"), valid(Text.plain(KEY)))
    purpose = Purpose("a check", "SEC-2", Effect.READ)
    headers = (("Server", header),)
    return [Exchange(request, purpose, 500, headers, CountedBody(body), body, 0.1) for body in bodies]


def test_an_equal_body_is_read_once_for_each_question() -> None:
    same = answers(*[b"an error of the server"] * 50)
    CountedBody.decoded = 0
    assert inside_shown(same) is None
    assert secret_shown(same, [KEY]) is None
    assert CountedBody.decoded == 2


def test_the_first_answer_that_shows_the_inside_is_named_behind_equal_ones() -> None:
    trace = b"Traceback (most recent call last)"
    shown = inside_shown(answers(b"sorry", b"sorry", trace, trace))
    assert shown is not None
    assert (shown[0].body, shown[1]) == (trace, "a Python stack trace")


def test_headers_are_read_although_the_body_came_before() -> None:
    same = [*answers(b"sorry"), *answers(b"sorry", header=KEY)]
    assert secret_shown(same, [KEY]) is same[1]
