"""JSON for programs, text for people: which of the two a caller wants."""

from billecta_mock.admin.desk import AdminCall


def wants_text(call: AdminCall) -> bool:
    """Whether to answer with text: `format` says so, or it says nothing and `Accept` has text/plain but not JSON."""
    chosen = call.query["format"]
    if chosen is not None:
        return bool(chosen == "text")
    return "text/plain" in call.accept and "application/json" not in call.accept
