"""A result in short, the same in every report: verdict, clauses, grouped findings, what to do next, curl lines."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from billecta_verify.config.profiles import Profile
from billecta_verify.reporting.model import ClauseResult, Finding, Level, Outcome, Result, Verdict
from billecta_verify.reporting.text import plural
from billecta_verify.transport.exchange import Request
from billecta_verify.transport.operations import CREATE_PAYMENT, FETCH_INVOICE, READ_STATUS

_TO_BE_FILLED_IN: Final = re.compile(r"<(\$|the )[^<>]*>")


_SIZE: Final = re.compile(r"\d+ bytes")
_VARIANT: Final = re.compile(r"\[(.*)\]$")
_OF_SERVER_ERRORS: Final = "CODES-2"
_OF_OPERATIONS: Final = {FETCH_INVOICE: "PDF-1", CREATE_PAYMENT: "SWISH-1", READ_STATUS: "STATUS-1"}
"""The clause that promises the answer of an operation, which those of anything else rest on."""
FAILED_BY_ITSELF: Final = "the verifier itself failed, and what is not exercised was not reached"
"""The cause of a run that ended early by no one's wish."""
_MORE_THAN_SMOKE: Final = "--profile standard: the rest, for smoke only reads, whatever --allow-payments says"
_ENDED: Final = "ended by Ctrl-C or SIGTERM, and what is not exercised was not reached"
_WITHOUT_A_KEY: Final = (
    "Check the base URL, the key and the id first: nothing can be verified before an answer is seen that only a valid "
    "key gets."
)


def curl_line(base_url: str, request: Request) -> str:
    """The curl command that sends this request again, once the variables in it are set.

    What no variable and no form of the shell can say stands between < and >, to be filled in by hand.
    """
    words = ["curl", "-i"]
    if request.method == "HEAD":
        words.append("-I")
    elif request.method != "GET":
        words += ["-X", request.method]
    for name, value in request.all_headers(shown=True):
        words += ["-H", _quoted(f"{name}: {value}" if value else f"{name};")]
    if request.body is not None:
        words += ["--data-binary", _quoted(request.body.decode("utf-8", "backslashreplace"))]
    return " ".join([*words, _quoted(f"{base_url}/{request.shown_suffix}")])


def is_by_hand(finding: Finding) -> bool:
    """Whether the curl line of a finding needs something that is to be filled in."""
    return bool(_TO_BE_FILLED_IN.search(finding.curl or ""))


def makes_a_payment(finding: Finding) -> bool:
    """Whether the curl line of a finding may make a payment request, which rings a phone."""
    return finding.operation == CREATE_PAYMENT and " -X POST " in (finding.curl or "")


def warning_on(finding: Finding) -> str:
    """What the user has to know before the curl line is pasted; empty where there is nothing."""
    said = ["by hand: fill in what stands between < and >"] * is_by_hand(finding)
    said += ["this makes a payment request"] * makes_a_payment(finding)
    return "; ".join(said)


def _quoted(text: str) -> str:
    """Quoted for a POSIX shell so that only our variables are expanded."""
    if "$" not in text:
        return shlex.quote(text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one clause that were observed alike; the first stands for all."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The finding that was made first."""
        return self.findings[0]


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """The groups in the order of their first findings. The size of an answer makes no other symptom."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.clause, _SIZE.sub("bytes", finding.observed)), []).append(finding)
    return [Group(tuple(members)) for members in groups.values()]


def name_of(finding: Finding) -> str:
    """The check of a finding in words: `the invoice needs a valid key in its header: no key`."""
    name = finding.check.rpartition("::")[2].removeprefix("test_")
    variant = _VARIANT.search(name)
    words = _VARIANT.sub("", name).replace("_", " ")
    return f"{words}: {variant.group(1)}" if variant else words


@dataclass(frozen=True, slots=True)
class RootFinding:
    """The findings to look at first, and why these, in a sentence that ends before them; empty for no more than order.

    `is_first` is whether they were seen before all others.
    """

    group: Group
    why: str = ""
    is_first: bool = True


def root_finding(result: Result, errors: Sequence[Group]) -> RootFinding:
    """Where to begin among the errors, of which there is one at least."""
    first = min(errors, key=lambda group: _position(result, group))
    return _with_server_errors(result, errors) or _with_the_operation(first, errors) or RootFinding(first)


def _with_server_errors(result: Result, errors: Sequence[Group]) -> RootFinding | None:
    """A server error fails whatever check it meets: where it met several clauses, it is the thing itself."""
    statuses = Counter(sent.status for sent in result.sent if sent.status >= HTTPStatus.INTERNAL_SERVER_ERROR)
    met = {group.first.clause for group in errors if _is_server_error(group)}
    own = next((group for group in errors if group.first.clause == _OF_SERVER_ERRORS), None)
    if own is None or len(met - {_OF_SERVER_ERRORS}) < _SEVERAL:
        return None
    status, count = statuses.most_common(1)[0]
    why = f"The deployment answered {status} to {plural(count, 'request')}, which {len(met)} clauses show. "
    return RootFinding(own, why, is_first=False)


def _with_the_operation(first: Group, errors: Sequence[Group]) -> RootFinding | None:
    """The clause of the operation itself, where it was seen to fail by the very answer that was seen first."""
    shown = first.first
    own = _OF_OPERATIONS.get(shown.operation or "")
    if shown.clause == own or shown.observed.startswith(str(HTTPStatus.UNAUTHORIZED.value)):
        return None
    alike = (group for group in errors if group.first.clause == own and group.first.observed == shown.observed)
    found = next(alike, None)
    return None if found is None else RootFinding(found, is_first=False)


def _is_server_error(group: Group) -> bool:
    return group.first.observed[:1] == "5"


def _position(result: Result, group: Group) -> int:
    """When the first check of a group ended, among all checks."""
    order = {sent.check: number for number, sent in reversed(list(enumerate(result.sent)))}
    return min((order.get(finding.check, len(order)) for finding in group.findings), default=0)


_SEVERAL: Final = 2


def headline(result: Result) -> str:
    """The verdict, why if there is one reason for it, and the tally."""
    tally = _tally(result)
    if result.verdict is Verdict.CONFORMS and _count(result, Outcome.NOT_EXERCISED):
        return f"{result.verdict.value}, as far as verified: {tally}"
    reasons = [
        *([_ENDED] if result.interrupted and result.cause != FAILED_BY_ITSELF else []),
        *([result.cause] if result.cause else []),
    ]
    return "; ".join(
        [f"{result.verdict.value}: {', and '.join(reasons)}", tally]
        if reasons
        else [f"{result.verdict.value}: {tally}"]
    )


def took(result: Result) -> str:
    """What the run took: `300 requests, 4 payments, 3.8 s, seed 1`."""
    counts = result.counts
    unasked = f", {plural(counts.unexpected_payments, 'payment request')} that nobody asked for"
    return (
        f"{plural(counts.requests, 'request')}, {plural(counts.payments, 'payment')}"
        f"{unasked if counts.unexpected_payments else ''}, {result.seconds:.1f} s, seed {result.seed}"
    )


def word_of(item: ClauseResult) -> str:
    """The verdict on a clause in a word: a violated advice is a warning, and what the baseline has is known."""
    if item.is_known:
        return "known"
    return "warning" if item.is_warning else item.verdict.value


def needed(result: Result) -> list[str]:
    """What to supply so that more can be verified; nothing before the key is accepted, for that comes first."""
    if not result.key_accepted:
        return []
    reasons = [check.reason for check in result.checks if check.outcome is Outcome.NOT_EXERCISED]
    more = [_MORE_THAN_SMOKE] if result.target.get("profile") == Profile.SMOKE else []
    return list(dict.fromkeys([*more, *(reason for reason in reasons if reason and reason.startswith("--"))]))


def advice(result: Result, groups: Sequence[Group]) -> str:
    """Where to begin, in a sentence or two; empty where nothing is wrong. `groups` are those that count."""
    if not result.key_accepted:
        return "" if result.interrupted else result.remedy or _WITHOUT_A_KEY
    errors = [group for group in groups if group.first.level is not Level.ADVICE]
    if not errors:
        return result.remedy or ""
    return _where_to_begin(result, errors)


def _where_to_begin(result: Result, errors: Sequence[Group]) -> str:
    found = root_finding(result, errors)
    first = found.group.first
    seen = "it was seen first, and others" if found.is_first else "others"
    several = f" Of {len(errors)} findings {seen} may follow from it." if len(errors) > 1 else ""
    warning = f" ({warning_on(first)})" if warning_on(first) else ""
    repeat = f" Its curl line shows the answer again{warning}." if first.curl else ""
    return f"{found.why}Begin with {first.clause}, {name_of(first)}.{several}{repeat}"


def _tally(result: Result) -> str:
    """How the clauses fared: `30 clauses passed, 6 not exercised`."""
    words = {
        "failed": sum(item.is_error for item in result.clauses),
        "inconclusive": _count(result, Outcome.INCONCLUSIVE),
        "passed": _count(result, Outcome.PASSED),
        "not exercised": _count(result, Outcome.NOT_EXERCISED),
        _warned_of(result): sum(item.is_warning for item in result.clauses),
        "violated as known": sum(item.is_known for item in result.clauses),
    }
    first, *others = [(count, word) for word, count in words.items() if count]
    return ", ".join([f"{plural(first[0], 'clause')} {first[1]}", *(f"{count} {word}" for count, word in others)])


def _warned_of(result: Result) -> str:
    """Which good practice is violated: the last line is all that some read of a run that exits 0."""
    warnings = [item.checks for item in result.clauses if item.is_warning]
    findings = [next(check.finding for check in checks if check.finding) for checks in warnings]
    named = "; ".join(f"{finding.clause}, {name_of(finding)}" for finding in findings)
    return f"warned of ({named})"


def _count(result: Result, outcome: Outcome) -> int:
    return sum(item.verdict is outcome for item in result.clauses)
