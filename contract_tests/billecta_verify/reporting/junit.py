"""junit.xml: a suite per clause and a case per check, so that a pipeline shows each by itself.

The schemas of Ant and of Jenkins have properties on suites alone, and nothing but its outcome in a case.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from billecta_verify.reporting.model import CheckResult, ClauseResult, Finding, Level, Outcome, Result
from billecta_verify.reporting.summary import warning_on, word_of


def render(result: Result) -> str:
    """The text of junit.xml. A violated advice is a passed case, and its warning an output of the suite."""
    suites = ET.Element("testsuites")
    tested = [item for item in result.clauses if item.checks]
    for number, item in enumerate(tested):
        _add_suite(suites, number, item, result)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _add_suite(suites: ET.Element, number: int, item: ClauseResult, result: Result) -> None:
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=item.clause.id,
        package=str(result.target["base_url"]),
        id=str(number),
        tests=str(len(item.checks)),
        failures=str(sum(map(_is_failure, item.checks))),
        errors="0",
        skipped=str(sum(map(_is_skipped, item.checks))),
        time=f"{sum(check.seconds for check in item.checks):.3f}",
        timestamp=result.started.removesuffix("Z").split(".")[0].split("+")[0],
        hostname="localhost",
    )
    _add_properties(suite, item)
    for check in item.checks:
        _add_case(suite, check)
    warnings = [f"warning: {_text(check.finding)}" for check in item.checks if check.finding and _is_warning(check)]
    ET.SubElement(suite, "system-out").text = "\n\n".join([item.evidence, *warnings])
    ET.SubElement(suite, "system-err")


def _add_properties(suite: ET.Element, item: ClauseResult) -> None:
    properties = ET.SubElement(suite, "properties")
    said = {
        "clause": item.clause.id,
        "level": item.clause.level.value,
        "promise": item.clause.promise,
        "verdict": word_of(item),
        "effects": ", ".join(sorted({check.effect.value for check in item.checks})),
    }
    for name, value in said.items():
        ET.SubElement(properties, "property", name=name, value=value)


def _add_case(suite: ET.Element, check: CheckResult) -> None:
    classname = f"{check.clause}.{check.id.partition('::')[0].removesuffix('.py')}"
    case = ET.SubElement(suite, "testcase", classname=classname, name=check.title, time=f"{check.seconds:.3f}")
    if check.finding and check.finding.known:
        known = check.finding.known
        said = f"known until {known.expires}: {known.reason} ({check.finding.observed})"
        ET.SubElement(case, "skipped", message=said)
    elif check.finding and _is_failure(check):
        ET.SubElement(case, "failure", message=check.finding.observed, type=check.clause).text = _text(check.finding)
    elif _is_skipped(check):
        ET.SubElement(case, "skipped", message=f"{check.outcome.value}: {check.reason or ''}")


def _is_failure(check: CheckResult) -> bool:
    return check.finding is not None and not check.is_known and check.finding.level is not Level.ADVICE


def _is_warning(check: CheckResult) -> bool:
    return check.finding is not None and not check.is_known and check.finding.level is Level.ADVICE


def _is_skipped(check: CheckResult) -> bool:
    return check.is_known or check.outcome in {Outcome.INCONCLUSIVE, Outcome.NOT_EXERCISED}


def _text(finding: Finding) -> str:
    lines = [f"expected: {finding.expected}", f"observed: {finding.observed}"]
    if finding.curl:
        lines.append(finding.curl)
    if warning_on(finding):
        lines.append(f"({warning_on(finding)})")
    lines += [f"the page: {words}" for words in finding.rests_on]
    return "\n".join(lines)
