"""A result in a few words, the same in every report: the verdict, how the clauses fared, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from billecta_verify.config.profiles import Profile
from billecta_verify.report.beginning import beginning
from billecta_verify.report.curl import warning_on
from billecta_verify.report.groups import Group, name_of
from billecta_verify.report.layout import plural
from billecta_verify.report.model import ClauseResult, Level, Outcome, Result, Verdict

FAILED_BY_ITSELF: Final = "the judge itself failed, and what is not exercised was not reached"
"""The cause of a run that ended early by no one's wish."""
_MORE_THAN_SMOKE: Final = "--profile standard: the rest, for smoke only reads, whatever --allow-payments says"
_ENDED: Final = "ended by Ctrl-C or SIGTERM, and what is not exercised was not reached"
_WITHOUT_A_KEY: Final = (
    "Check the base URL, the key and the id first: nothing can be judged before an answer is seen that only a valid "
    "key gets."
)


def headline(result: Result) -> str:
    """The verdict, why if there is one reason for it, and the tally."""
    tally = _tally(result)
    if result.verdict is Verdict.CONFORMS and _count(result, Outcome.NOT_EXERCISED):
        return f"{result.verdict.value}, as far as judged: {tally}"
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
    """What to supply so that more can be judged; nothing before the key is accepted, for that comes first."""
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
    found = beginning(result, errors)
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
