"""Times as the control API is given them."""

from datetime import UTC, datetime

from billecta_mock.domain.problems import Refusal, invalid


def parse_time(text: str, place: str) -> datetime | Refusal:
    """A time in RFC 3339. The schema has seen its form; a leap second or the year 0 is still none of ours.

    `place` begins the sentence that refuses it.
    """
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return invalid("time_invalid", "Bad Request", f"{place}: '{text[:64]}' is not a time that this clock can show")
