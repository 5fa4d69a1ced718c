"""A request as a line for the shell, with variables in place of secrets."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from billecta_verify.transport.operations import CREATE_PAYMENT

if TYPE_CHECKING:
    from billecta_verify.report.model import Finding
    from billecta_verify.transport.exchange import Request

_TO_BE_FILLED_IN: Final = re.compile(r"<(\$|the )[^<>]*>")


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
