"""The time in a world."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from billecta_mock.client.connection import Connection
from billecta_mock.client.errors import OptionError, is_explained
from billecta_mock.client.records import Event, read_time

__tracebackhide__ = is_explained


class Clock:
    """The clock of a world: payments, expiry, delays and faults go by it. Turning it back raises ControlError 409."""

    def __init__(self, connection: Connection, database: str) -> None:
        self._connection = connection
        self._path = ("worlds", database, "clock")

    @property
    def now(self) -> datetime:
        """The time that it shows, in UTC."""
        return read_time(self._read()["now"])

    @property
    def mode(self) -> str:
        """How it runs: real, frozen or scaled."""
        return str(self._read()["mode"])

    def freeze(self, at: datetime | None = None) -> Sequence[Event]:
        """Stop it, now or at a later time that it is set to. What fell due on the way is the answer."""
        return self._put({"mode": "frozen", **({} if at is None else {"now": _spell(at)})})

    def run(self) -> Sequence[Event]:
        """Let it run with the wall clock."""
        return self._put({"mode": "real"})

    def scale(self, rate: float) -> Sequence[Event]:
        """Let it run so many times as fast as the wall clock."""
        return self._put({"mode": "scaled", "rate": rate})

    def set(self, now: datetime) -> Sequence[Event]:
        """Set it ahead; it goes on as it did. What fell due on the way is the answer, in order."""
        return self._put({"now": _spell(now)})

    def advance(self, by: float | timedelta) -> Sequence[Event]:
        """Move it on, by seconds. What fell due on the way is the answer, in order; all of it has then happened."""
        if isinstance(by, bool) or not isinstance(by, int | float | timedelta):
            raise OptionError(f"advance: {by!r} is neither a number of seconds nor a timedelta")
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return _read_events(self._connection.ask("POST", *self._path, "advance", body={"seconds": seconds}))

    def _read(self) -> Mapping[str, Any]:
        clock: Mapping[str, Any] = self._connection.ask("GET", *self._path)
        return clock

    def _put(self, body: Mapping[str, object]) -> Sequence[Event]:
        return _read_events(self._connection.ask("PUT", *self._path, body=body))


def _read_events(document: Mapping[str, Any]) -> Sequence[Event]:
    return [Event.read(each) for each in document["events"]]


def _spell(time: datetime) -> str:
    if not isinstance(time, datetime):
        raise OptionError(f"{time!r} is no time; give a datetime with a time zone: datetime(…, tzinfo=UTC)")
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone; give it one: datetime(…, tzinfo=UTC)")
    return time.isoformat()
