"""Every report is valid by its published schema, and all of them tell the same result."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree
from tests.verify.conftest import target_of
from tests.verify.small_server import Answer, Asked, Contract, serving

from billecta_spec import OPENAPI_FILE, load_clauses
from billecta_verify.reporting import files, har, html, junit, markdown, sarif
from billecta_verify.reporting.files import SCHEMA_FILE
from billecta_verify.reporting.model import Level, Result, Verdict
from billecta_verify.reporting.sarif import places_of
from billecta_verify.reporting.summary import grouped
from billecta_verify.runner.run import run

TESTS = Path(__file__).parents[2]
JUNIT = etree.XMLSchema(etree.parse(TESTS / "verify/schemas/jenkins-junit.xsd"))
KINDS = ("conforming", "deviating", "inconclusive", "silent")


class Deviates(Contract):
    """Cuts its documents, shows its inside, and refuses with an undocumented code."""

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        if answer.media_type == "application/pdf":
            return replace(answer, body=answer.body[:-20])
        if answer.status == 404:
            return replace(answer, body=b"Traceback (most recent call last)", media_type="text/plain")
        return replace(answer, status=422) if answer.status == 400 else answer


class FallsSilent(Contract):
    """Answers the first dozen requests, and closes the connection on every other."""

    def finish(self, asked: Asked, answer: Answer) -> Answer:
        return replace(answer, drop=len(self.seen) > 12)


def judged(contract: Contract, **changed: object) -> Result:
    with serving(contract) as base_url:
        return run(target_of(base_url, **changed))


@pytest.fixture(scope="module")
def results() -> Mapping[str, Result]:
    unknown = {"api_key": "a-key-of-nobody", "limited_key": None, "read_only_key": None}
    return {
        "conforming": judged(Contract()),
        "deviating": judged(Deviates()),
        "inconclusive": judged(Contract(), **unknown),
        "silent": judged(FallsSilent()),
    }


def schema(path: str) -> Any:
    return json.loads((TESTS / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_results_of_these_tests_differ(results: Mapping[str, Result], kind: str) -> None:
    expected = {"conforming": Verdict.CONFORMS, "deviating": Verdict.DOES_NOT_CONFORM}
    assert results[kind].verdict is expected.get(kind, results[kind].verdict)
    assert bool(results[kind].findings) is (results[kind].verdict is Verdict.DOES_NOT_CONFORM)


@pytest.mark.parametrize("kind", KINDS)
def test_report_json_is_valid_by_our_schema(results: Mapping[str, Result], kind: str) -> None:
    ours = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(ours).validate(json.loads(files.render(results[kind])))


@pytest.mark.parametrize("kind", KINDS)
def test_junit_is_valid_by_the_schema_of_jenkins(results: Mapping[str, Result], kind: str) -> None:
    document = etree.fromstring(junit.render(results[kind]).encode())
    JUNIT.assertValid(document)
    assert len(document.findall("testsuite/testcase")) == len(results[kind].checks)
    assert sum(int(suite.get("tests")) for suite in document) == len(results[kind].checks)
    assert len(document.findall(".//failure")) == sum(int(suite.get("failures")) for suite in document)


def test_junit_has_the_clause_of_every_case_as_a_property(results: Mapping[str, Result]) -> None:
    document = etree.fromstring(junit.render(results["deviating"]).encode())
    for suite in document:
        clause = suite.find("properties/property[@name='clause']").get("value")
        assert {case.get("classname").split(".")[0] for case in suite.findall("testcase")} == {clause}


@pytest.mark.parametrize("kind", KINDS)
def test_sarif_is_valid_by_the_schema_of_oasis(results: Mapping[str, Result], kind: str) -> None:
    document = sarif.document(results[kind])
    jsonschema.Draft4Validator(schema("verify/schemas/sarif-2.1.0.json")).validate(document)
    (log,) = document["runs"]
    assert [rule["id"] for rule in log["tool"]["driver"]["rules"]] == [clause["id"] for clause in load_clauses()]
    assert len(log["results"]) == len(results[kind].findings)


def test_sarif_points_to_the_line_that_promises(results: Mapping[str, Result]) -> None:
    lines = OPENAPI_FILE.read_text(encoding="utf-8").splitlines()
    for item in sarif.document(results["deviating"])["runs"][0]["results"]:
        place = item["locations"][0]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "spec/billecta_spec/openapi.yaml"
        region = place["physicalLocation"]["region"]
        name = place["logicalLocations"][0]["fullyQualifiedName"].rpartition("/")[2].replace("~1", "/")
        begins = lines[region["startLine"] - 1][region["startColumn"] - 1 :]
        assert begins.strip('"').startswith("name:" if name.isdigit() and len(name) < 3 else name)


def test_sarif_points_into_the_operation_that_was_asked(results: Mapping[str, Result]) -> None:
    found = [finding for finding in results["deviating"].findings if finding.clause == "CODES-1"]
    assert [finding.operation for finding in found] == ["createSwishPayment"]
    (item,) = [
        item for item in sarif.document(results["deviating"])["runs"][0]["results"] if item["ruleId"] == "CODES-1"
    ]
    assert "payments~1swish" in item["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]
    assert len(item["relatedLocations"]) == 2


def test_every_clause_has_a_line_of_the_contract() -> None:
    for clause in load_clauses():
        assert all(place.line > 1 for place in places_of(clause["id"])), clause["id"]


def test_sarif_tells_alerts_apart_and_knows_them_again(results: Mapping[str, Result]) -> None:
    def prints(result: Result) -> list[str]:
        found = sarif.document(result)["runs"][0]["results"]
        return [item["partialFingerprints"]["primaryLocationLineHash"] for item in found]

    first, again = results["deviating"], judged(Deviates(), seed=7)
    assert len(set(prints(first))) == len(first.findings)
    assert set(prints(first)) == set(prints(again))


def test_sarif_says_the_level_of_a_clause(results: Mapping[str, Result]) -> None:
    found = sarif.document(results["deviating"])["runs"][0]["results"]
    advice = {clause["id"] for clause in load_clauses() if clause["level"] == Level.ADVICE}
    assert {item["level"] for item in found if item["ruleId"] in advice} == {"warning"}
    assert {item["level"] for item in found if item["ruleId"] not in advice} == {"error"}


@pytest.mark.parametrize("kind", KINDS)
def test_har_is_valid_by_its_schema_and_has_all_that_was_sent(results: Mapping[str, Result], kind: str) -> None:
    document = har.document(results[kind])
    published = schema("mock/admin/har-1.2.schema.json")
    jsonschema.validators.validator_for(published)(published).validate(document)
    assert len(document["log"]["entries"]) == results[kind].counts.requests
    assert all(earlier.started <= later.started for earlier, later in pairwise(results["conforming"].sent))


def test_har_has_what_was_never_answered(results: Mapping[str, Result]) -> None:
    statuses = [entry["response"]["status"] for entry in har.document(results["silent"])["log"]["entries"]]
    assert 0 in statuses
    assert all(statuses[:10])


def test_har_holds_no_content(results: Mapping[str, Result]) -> None:
    for entry in har.document(results["deviating"])["log"]["entries"]:
        assert "text" not in entry["response"]["content"]
        assert "postData" not in entry["request"]
        assert entry["request"]["cookies"] == entry["response"]["cookies"] == []


class Page(HTMLParser):
    """What a page refers to, and the order of its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.references: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"href", "src", "action", "data", "srcset"}:
                self.references.append(value or "")
            if name == "id":
                self.ids.append(value or "")


@pytest.mark.parametrize("kind", KINDS)
def test_html_needs_no_network_and_no_script(results: Mapping[str, Result], kind: str) -> None:
    text = html.render(results[kind])
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert "url(" not in text
    assert "default-src 'none'" in text
    assert all(reference.startswith("#") and reference[1:] in page.ids for reference in page.references)
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("kind", KINDS)
def test_html_has_headings_in_order_and_every_clause(results: Mapping[str, Result], kind: str) -> None:
    page = Page(html.render(results[kind]))
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper <= level + 1 for level, deeper in pairwise(levels))
    assert {clause["id"] for clause in load_clauses()} <= set(page.ids)
    assert page.tags.count("article") == len(grouped(results[kind].findings))
    assert page.tags.count("details") >= len(load_clauses())


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_html_has_the_contrast_that_wcag_asks_for(results: Mapping[str, Result], scheme: int) -> None:
    rules = re.findall(r":root \{(.*?)\}", html.render(results["conforming"]), re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w{6});", rules[scheme]))
    for back in ("page", "panel"):
        for name in ("text", "soft", "link", "passed", "failed", "warning", "inconclusive", "none", "known"):
            lighter, darker = sorted((luminance(colours[back]), luminance(colours[name])), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (name, back)


@pytest.mark.parametrize("kind", KINDS)
def test_markdown_is_short_and_its_tables_are_whole(results: Mapping[str, Result], kind: str) -> None:
    text = markdown.render(results[kind])
    assert text.count("<details>") == text.count("</details>") == len(grouped(results[kind].findings)) + 1
    unfolded = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    assert len(unfolded.splitlines()) < 40 + 9 * len(grouped(results[kind].findings))
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert tables
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_markdown_that_is_too_long_for_github_is_cut_between_sections(results: Mapping[str, Result]) -> None:
    (finding,) = [finding for finding in results["deviating"].findings if finding.clause == "CODES-1"]
    findings = [replace(finding, observed=f"{word}{'x' * 2000}") for word in map(chr, range(0x4E00, 0x4E00 + 600))]
    checks = [replace(results["deviating"].checks[0], finding=one) for one in findings]
    clause = replace(results["deviating"].clauses[0], checks=tuple(checks))
    text = markdown.render(replace(results["deviating"], clauses=(clause,)))
    assert len(text.encode()) < 1024 * 1024
    assert text.count("<details>") == text.count("</details>")
    assert "this one is cut" in text


COMMAND = re.compile(r"::(error|warning) file=spec/billecta_spec/openapi\.yaml,line=\d+,title=[^,:]+::.+")


def test_annotations_are_commands_that_github_reads(results: Mapping[str, Result]) -> None:
    lines = markdown.annotate(results["deviating"]).splitlines()
    groups = grouped(results["deviating"].findings)
    places = [line for line in lines if "file=" in line]
    assert len(places) == min(len(groups), markdown.MOST)
    assert all(COMMAND.fullmatch(line) for line in places)
    assert markdown.annotate(results["conforming"]) == ""
    assert markdown.annotate(results["inconclusive"]).startswith("::warning title=Not verified::")
