"""What a deployment says may be quoted in a report, and must not act on who reads it, nor on what shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from io import StringIO

import pytest
from lxml import etree
from rich.console import Console
from tests.verify.conftest import target_of
from tests.verify.small_server import KEY, Answer, Asked, Contract, serving
from tests.verify.transport.test_memory import INVOICE

from billecta_verify.reporting import files, har, html, junit, markdown, sarif
from billecta_verify.reporting.model import CheckResult, Clause, Counts, Finding, Level, Outcome, Result, judged
from billecta_verify.reporting.requests import MASKED, sent_requests
from billecta_verify.reporting.terminal import closing_line, show
from billecta_verify.reporting.text import sanitize, scrubbed
from billecta_verify.transport.client import Transport
from billecta_verify.transport.exchange import Effect

HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "end of everything": "]]></failure></details></pre></code><!-- ${{ secrets.X }} {{ 7 * 7 }} {% raw %}",
    "terminal": "\x1b[2J\x1b]0;title\x07\x9b31m\x08\x7f\x00",
    "workflow command": "\n::set-output name=x::y\n::error::z\r\n##[error]w %0A::add-mask::v",
    "table": "a | b |\n|---|---|\n| c | d",
    "link": "[click](javascript:alert(1)) ![image](http://evil.example/x.png) <http://evil.example> http://evil.example",
    "mention": "@everyone #1 $x$ `code` **bold** ~~gone~~ _it_ www.evil.example &lt;b&gt;",
    "unwritable": "\ud800 \ufffe \u202egnp.exe \u2028 \u200b",
}


def result_of(hostile: str) -> Result:
    """A result in which everything that may come from a deployment is this."""
    found = Finding(
        "AUTH-2", Level.DOCUMENTED, "test_a.py::test_b", hostile, hostile, f"curl '{hostile}'", ("the page",), None
    )
    clause = Clause("AUTH-2", Level.DOCUMENTED, "a promise", ("the page",), None)
    checks = [
        CheckResult("test_a.py::test_b", "AUTH-2", "b", Effect.READ, Outcome.FAILED, hostile, found, 1, 0, 0.1),
        CheckResult("test_a.py::test_c", "AUTH-2", "c", Effect.READ, Outcome.INCONCLUSIVE, hostile, None, 1, 0, 0.1),
    ]
    target = {"base_url": "http://h/x", "supplied": []}
    counts = Counts(2, 0, 0, 0)
    return Result((judged(clause, checks),), counts, target, 1, "2026-01-01T00:00:00Z", 1.0, {}, key_accepted=True)


@pytest.fixture(params=HOSTILE)
def reports(request: pytest.FixtureRequest) -> Mapping[str, str]:
    result = result_of(HOSTILE[request.param])
    console = Console(file=StringIO(), width=60)
    show(result, console)
    console.print(closing_line(result, console.width))
    modules = (files, har, html, junit, markdown, sarif)
    made = {module.__name__.rpartition(".")[2]: module.render(result) for module in modules}
    made["annotations"] = markdown.annotate(result)
    return {**made, "terminal": console.file.getvalue()}  # type: ignore[attr-defined]


def test_no_report_holds_a_character_that_acts(reports: Mapping[str, str]) -> None:
    for name, text in reports.items():
        text.encode("utf-8")
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufffe\ud800]", text), name


def test_no_printed_line_is_a_command_of_the_deployment(reports: Mapping[str, str]) -> None:
    for line in reports["terminal"].splitlines():
        assert not line.strip().startswith("::")
        assert "##[" not in line
    ours = re.compile(
        r"::(error file=spec/billecta_spec/openapi\.yaml,line=\d+,title=[^,:]+|warning title=Not verified)::"
    )
    for line in reports["annotations"].splitlines():
        assert ours.match(line)
        assert "::" not in ours.sub("", line)
        assert "##[" not in line


def test_xml_and_json_stay_what_they_are(reports: Mapping[str, str]) -> None:
    document = etree.fromstring(reports["junit"].encode())
    assert len(document.findall("testsuite/testcase")) == 2
    for name in ("files", "sarif", "har"):
        assert isinstance(json.loads(reports[name]), dict)


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(sorted(name for name, _ in attrs))))


def test_html_has_no_element_of_the_deployment(reports: Mapping[str, str]) -> None:
    assert Tags(reports["html"]).found == Tags(html.render(result_of("harmless"))).found
    assert "{{ 7 * 7 }}" in reports["html"] or "49" not in re.sub(
        r"<style>.*?</style>", "", reports["html"], flags=re.DOTALL
    )


def test_markdown_has_no_structure_of_the_deployment(reports: Mapping[str, str]) -> None:
    text = reports["markdown"]
    plain = markdown.render(result_of("harmless"))
    assert Tags(text).found == Tags(plain).found
    assert len(text.splitlines()) == len(plain.splitlines())
    for line, model in zip(text.splitlines(), plain.splitlines(), strict=True):
        assert line.count("|") == model.count("|")
        assert line.count("`") == line.count("~") == line.count("@") == 0
    assert not re.search(r"\]\(|!\[|http://evil|www\.evil", text)


def test_sarif_has_no_link_of_the_deployment(reports: Mapping[str, str]) -> None:
    for item in json.loads(reports["sarif"])["runs"][0]["results"]:
        assert not re.search(r"(?<!\\)[\[\]]", item["message"]["text"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\r\n\tb", "a b"),
        ("\n::error::x", " : :error: :x"),
        ("\u202egnp", "\\u202egnp"),
        ("\U000e0041", "\\U000e0041"),
        ("Å is a letter, 200 … “so”", "Å is a letter, 200 … “so”"),
    ],
)
def test_what_acts_is_shown_by_its_number(text: str, shown: str) -> None:
    assert sanitize(text) == shown


HEADERS = (
    ("Cache-Control", "private, max-age=60"),
    ("Date", "Sun, 22 Nov 2026 19:11:47 GMT"),
    ("ETag", "46701234567"),
    ("Age", "46701234567"),
    ("Location", "https://evil.example/?key=1"),
    ("Set-Cookie", "session=of-somebody"),
    ("X-Customer-Anna-Andersson", "1"),
    ("Vary", "<script>"),
    ("Retry-After", "Anna"),
    ("WWW-Authenticate", f'Basic realm="{KEY[::-1]}"'),
)


def test_of_headers_only_what_can_be_no_secret_is_kept() -> None:
    class Tells(Contract):
        def finish(self, asked: Asked, answer: Answer) -> Answer:
            return replace_headers(answer)

    with serving(Tells()) as base_url:
        transport = Transport(target_of(base_url))
        transport.send(INVOICE)
    (sent,) = sent_requests(transport.recorder, base_url, lambda text: scrubbed(text, transport.target.secrets))
    shown = {name: value for name, value in sent.response_headers if name not in {"server", "connection"}}
    assert shown["cache-control"] == "private, max-age=60"
    assert shown["date"].endswith("GMT")
    assert {shown[name] for name in ("age", "vary", "retry-after", "www-authenticate")} == {MASKED}
    assert not {"etag", "location", "set-cookie", "x-customer-anna-andersson"} & set(shown)


def replace_headers(answer: Answer) -> Answer:
    return Answer(answer.status, answer.body, answer.media_type, HEADERS)
