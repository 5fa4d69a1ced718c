"""Exchanges as text: a line for each."""

from billecta_mock.admin.search import Page
from billecta_mock.admin.views import show_time
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.text import count_of


def write_line(number: int, exchange: Exchange) -> str:
    """Number, time, method, path, status, the code of the true reason, and the marks."""
    status = "no answer" if exchange.status is None else exchange.status
    line = f"#{number}  {show_time(exchange.at)}  {exchange.method} {exchange.path} -> {status}  {exchange.why.code}"
    return f"{line}  {' '.join(exchange.marks)}" if exchange.marks else line


def write_lines(page: Page) -> str:
    """A page of exchanges; what the journal no longer holds is said at its end."""
    lines = [write_line(*numbered) for numbered in page.found] or ["No such exchange."]
    if page.dropped:
        dropped = count_of(page.dropped, "older exchange")
        lines.append(f"The journal no longer holds {dropped}; --journal-size keeps more.")
    return "\n".join(lines) + "\n"
