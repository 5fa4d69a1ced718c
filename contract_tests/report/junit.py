"""junit.xml: one case per check, its clause as a property, so that a pipeline shows each by itself."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from contract_tests.report.model import CheckResult, Finding, Level, Outcome, Result


def render(result: Result) -> str:
    """The text of junit.xml. A violated advice is a passed case with its warning as output."""
    checks = result.checks
    suites = ET.Element("testsuites", name="billecta-verify")
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=str(result.target["base_url"]),
        tests=str(len(checks)),
        failures=str(sum(_is_failure(check) for check in checks)),
        errors="0",
        skipped=str(
            sum(check.is_known or check.outcome in {Outcome.INCONCLUSIVE, Outcome.NOT_EXERCISED} for check in checks)
        ),
        time=f"{result.seconds:.3f}",
        timestamp=result.started.removesuffix("Z").split(".")[0].split("+")[0],
        hostname="localhost",
    )
    for check in checks:
        _add_case(suite, check)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _add_case(suite: ET.Element, check: CheckResult) -> None:
    classname = f"{check.clause}.{check.id.partition('::')[0].removesuffix('.py')}"
    case = ET.SubElement(suite, "testcase", classname=classname, name=check.title, time=f"{check.seconds:.3f}")
    properties = ET.SubElement(case, "properties")
    for name, value in (("clause", check.clause), ("effect", check.effect.value), ("outcome", check.outcome.value)):
        ET.SubElement(properties, "property", name=name, value=value)
    if check.finding and _is_failure(check):
        ET.SubElement(case, "failure", message=check.finding.observed, type=check.clause).text = _text(check.finding)
    elif check.finding and check.finding.known:
        known = check.finding.known
        said = f"known until {known.expires}: {known.reason} ({check.finding.observed})"
        ET.SubElement(case, "skipped", message=said)
    elif check.finding:
        ET.SubElement(case, "system-out").text = "warning: " + _text(check.finding)
    elif check.outcome is not Outcome.PASSED:
        ET.SubElement(case, "skipped", message=f"{check.outcome.value}: {check.reason or ''}")


def _is_failure(check: CheckResult) -> bool:
    return check.finding is not None and not check.is_known and check.finding.level is not Level.ADVICE


def _text(finding: Finding) -> str:
    lines = [f"expected: {finding.expected}", f"observed: {finding.observed}"]
    if finding.curl:
        lines.append(finding.curl)
    lines += [f"the page: {words}" for words in finding.rests_on]
    return "\n".join(lines)
