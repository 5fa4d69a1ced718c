"""One world of a mock server, as a test uses it: settings, clock, and all else in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, Unpack
from urllib.parse import quote

from billecta_mock.client.connection import Connection, ControlError, OptionError, is_explained
from billecta_mock.client.description import tell_payment, tell_rule
from billecta_mock.client.journal import Journal
from billecta_mock.client.keys import Keys
from billecta_mock.client.models import Decision, Event, Payment, SettingsChange, read_time
from billecta_mock.client.rules import Defects, Faults, Rules

_MOST: Final = 1000
__tracebackhide__ = is_explained


_PACKAGE: Final = "limepkg-billecta-integration"
_ABSENT: Final = 404
_CONFLICT: Final = 409
_NOT_LET_IN: Final = (401, 403)
_SHOWN_PAYMENTS: Final = 10


class Settings:
    """The settings of a world."""

    def __init__(self, connection: Connection, database: str) -> None:
        self._connection = connection
        self._path = ("worlds", database, "settings")

    def read(self) -> Mapping[str, Any]:
        """All of them, as they are now."""
        settings: Mapping[str, Any] = self._connection.ask("GET", *self._path)
        return settings

    def change(self, **changes: Unpack[SettingsChange]) -> Mapping[str, Any]:
        """Change those that are named; payments that exist keep the life they were made with."""
        settings: Mapping[str, Any] = self._connection.ask("PATCH", *self._path, body=changes)
        return settings


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


class Payments:
    """Swish payment requests: look at them, and be the payer or the bank."""

    def __init__(self, connection: Connection, database: str) -> None:
        self._connection = connection
        self._path = ("worlds", database, "payments")

    def list(self) -> Sequence[Payment]:
        """As they are now, newest first; at most 1000."""
        document = self._connection.ask("GET", *self._path, query={"limit": _MOST})
        return [Payment.read(each) for each in document["payments"]]

    def latest(self) -> Payment:
        """The newest. Raises LookupError where there is none."""
        payments = self.list()
        if not payments:
            raise LookupError(f"no payment has been created in the world '{self._path[1]}'")
        return payments[0]

    def decide(self, requestid: str, status: Decision) -> Payment:
        """What the payer or the bank decides. Raises ControlError: 404 for no such payment, 409 where it cannot be."""
        return Payment.read(self._connection.ask("POST", *self._path, requestid, "decide", body={"status": status}))


class WorldClient:
    """A world: an application database of its own, which shares nothing with any other.

    As a context manager it is made when the block begins, and dropped when it ends:

        with WorldClient("http://127.0.0.1:8080", "my-test") as world:
            requests.get(world.base_url + "/fetch-invoice-pdf/1001/", headers={"x-api-key": world.api_key})

    Without a block it is the world of that name as it is; `create` and `drop` are there to be called. What the control
    plane refuses raises ControlError; a server that cannot be reached, UnreachableError.
    """

    def __init__(  # noqa: PLR0913 — all but two are named, and have a usual value
        self,
        origin: str,
        database: str,
        *,
        token: str | None = None,
        ca_file: Path | str | None = None,
        client_file: Path | str | None = None,
        seed: Mapping[str, Any] | None = None,
        replace: bool = False,
    ) -> None:
        """Nothing is sent yet.

        `origin` is the address of the mock server, such as `http://127.0.0.1:8080`; `token` that of its admin API,
        where it has one; `ca_file` what to trust where it serves https with a certificate of its own, `client_file` the
        certificate, with its key, to show where it asks for one. `seed` is what the world is made of, in the format of
        `--seed-file`; without one it gets the sample. With `replace` it takes the place of a world of this name that
        there may be. Raises ValueError for an address that is none.
        """
        self.database = database
        self.keys = Keys(seed)
        self._seed = seed
        self._replace = replace
        self._connection = Connection(origin, token, ca_file, client_file)
        self.clock = Clock(self._connection, database)
        self.payments = Payments(self._connection, database)
        self.rules = Rules(self._connection, database)
        self.faults = Faults(self._connection, database)
        self.defects = Defects(self._connection, database)
        self.requests = Journal(self._connection, database)
        self.settings = Settings(self._connection, database)

    @property
    def base_url(self) -> str:
        """What the client under test is configured with: it calls `base_url + "/fetch-invoice-pdf/1001/"`."""
        return f"{self._connection.origin}/{quote(self.database)}/{_PACKAGE}"

    @property
    def api_key(self) -> str:
        """A key whose user may do everything. Raises LookupError where the seed has none."""
        return self.keys.full

    def create(self) -> None:
        """Make it. Raises ControlError 409 where there is one of this name, which may be somebody else's."""
        if not self._replace and self._exists():
            message = f"there is a world '{self.database}' already; replace=True drops it, and all that is in it"
            raise ControlError(f"create {self.database}", _CONFLICT, message)
        self._connection.ask("PUT", "worlds", self.database, body=self._seed)

    def _exists(self) -> bool:
        status, _ = self._connection.judge("GET", "worlds", self.database)
        return status not in (_ABSENT, *_NOT_LET_IN)

    def drop(self) -> None:
        """Drop it, with all that is in it. That it is gone already is no error."""
        try:
            self._connection.ask("DELETE", "worlds", self.database)
        except ControlError as error:
            if error.status != _ABSENT:
                raise
        finally:
            self._connection.close()

    def reset(self) -> None:
        """Back to its start: no payments, no journal, no rules, faults and defects; settings and clock of a new one."""
        self._connection.ask("POST", "worlds", self.database, "reset")

    def apply(self, bundle: str) -> None:
        """Set the rules and faults of a bundle, such as `flaky-network`, instead of those that the world has."""
        self._connection.ask("PUT", "worlds", self.database, "bundles", bundle)

    def describe(self, known: str = "") -> str:
        """What happened in it, for whoever looks at a test that failed; without the requests, if `known` tells them."""
        told = self.requests.tell()
        requests = () if told in known else (told,)
        return "\n".join([*requests, *self._tell_payments(), *self._tell_script(), self._tell_clock()])

    def __repr__(self) -> str:
        return f"<world {self.database} at {self._connection.origin}>"

    def _tell_payments(self) -> list[str]:
        return [f"payment {tell_payment(payment)}" for payment in reversed(self.payments.list()[:_SHOWN_PAYMENTS])]

    def _tell_script(self) -> list[str]:
        rules = [tell_rule("rule", rule) for rule in self.rules.list()]
        faults = [tell_rule("fault", fault) for fault in self.faults.list()]
        return [*rules, *faults, *(f"defect {name}" for name in self.defects.list())]

    def _tell_clock(self) -> str:
        return f"clock {self.clock.mode}, at {self.clock.now:%Y-%m-%d %H:%M:%S} UTC"

    def __enter__(self) -> Self:
        self.create()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.drop()
