"""A request as a line for the shell, with variables in place of secrets."""

import shlex

from contract_tests.exchange import Request


def curl_line(base_url: str, request: Request) -> str:
    """The curl command that sends this request again, once the variables in it are set."""
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


def _quoted(text: str) -> str:
    """Quoted for a POSIX shell so that only our variables are expanded."""
    if "$" not in text:
        return shlex.quote(text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'
