"""What a world has been asked and has answered: search it, wait for it, and assert on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from time import monotonic, sleep
from typing import Any, Final, Unpack

from billecta_mock.client.connection import Connection, ControlError, OptionError, is_explained, refuse_unknown
from billecta_mock.client.description import tell, tell_all, tell_finding
from billecta_mock.client.models import Exchange, Operation, RequestFilter

__tracebackhide__ = is_explained
_FILTERS: Final = frozenset(RequestFilter.__annotations__)


_MOST: Final = 1000
_LONGEST_WAIT: Final = 60
_SHOWN: Final = 20
_PAUSE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Expectation:
    """So many requests of this kind. Made by `exactly`, `at_least`, `at_most`, `between` and `never`."""

    request: Mapping[str, object]
    number: Mapping[str, int]

    def document(self) -> dict[str, Any]:
        """The claim as the admin API takes it."""
        return {"request": dict(self.request), **self.number}


def exactly(count: int, operation: Operation | None = None, **request: Unpack[RequestFilter]) -> Expectation:
    """So many of these requests came in all, no more and no fewer."""
    return Expectation(filter_of(operation, request), {"exactly": count})


def at_least(count: int, operation: Operation | None = None, **request: Unpack[RequestFilter]) -> Expectation:
    """So many of these requests came, or more."""
    return Expectation(filter_of(operation, request), {"at_least": count})


def at_most(count: int, operation: Operation | None = None, **request: Unpack[RequestFilter]) -> Expectation:
    """No more of these requests came than so many."""
    return Expectation(filter_of(operation, request), {"at_most": count})


def between(least: int, most: int, operation: Operation | None = None, **request: Unpack[RequestFilter]) -> Expectation:
    """Neither fewer of these requests came nor more."""
    return Expectation(filter_of(operation, request), {"at_least": least, "at_most": most})


def never(operation: Operation | None = None, **request: Unpack[RequestFilter]) -> Expectation:
    """No such request came."""
    return Expectation(filter_of(operation, request), {"never": True})


def filter_of(operation: Operation | None, request: RequestFilter) -> dict[str, object]:
    """The filter of a claim or of a search: an operation, if any, and what else. Raises OptionError."""
    refuse_unknown(request, _FILTERS)
    return {**({} if operation is None else {"operation": operation}), **request}


class Journal:
    """The exchanges of a world, numbered from 1.

    The assertions raise AssertionError with what was seen instead; pytest shows the line of the test that made them.
    """

    def __init__(self, connection: Connection, database: str) -> None:
        self._connection = connection
        self._database = database
        self._path = ("worlds", database, "requests")

    def list(
        self, operation: Operation | None = None, *, after: int = 0, **request: Unpack[RequestFilter]
    ) -> Sequence[Exchange]:
        """Those that match, oldest first, behind the number `after`; at most 1000."""
        return self._read({**filter_of(operation, request), "after": after, "limit": _MOST})

    def latest(self, limit: int = _SHOWN) -> Sequence[Exchange]:
        """The last few, oldest first."""
        return self._read({"limit": limit})[::-1]

    def count(self, operation: Operation | None = None, **request: Unpack[RequestFilter]) -> int:
        """How many match."""
        return int(self._connection.ask("GET", *self._path, "count", query=filter_of(operation, request))["count"])

    def wait_for(
        self,
        operation: Operation | None = None,
        *,
        seconds: float = 5,
        after: int = 0,
        **request: Unpack[RequestFilter],
    ) -> Exchange:
        """The first that matches, as soon as there is one: for a client that works in the background.

        Waits so many real seconds, at most 60. Raises AssertionError with what came instead.
        """
        wanted = filter_of(operation, request)
        wait = min(seconds, _LONGEST_WAIT)
        found = self._await({**wanted, "after": after, "limit": 1}, wait)
        if not found:
            text = ", ".join(f"{name} {value}" for name, value in wanted.items()) or "of any kind"
            raise AssertionError(f"waited {wait:g} s for a request with {text}; none came\n{self._tell_latest()}")
        return found[0]

    def _await(self, query: Mapping[str, object], seconds: float) -> Sequence[Exchange]:
        """What is there within so many seconds. The admin API waits whole ones; the rest is waited here."""
        whole = int(seconds)
        found = self._read({**query, "wait_seconds": whole}, whole)
        end = monotonic() + seconds - whole
        while not found and (left := end - monotonic()) > 0:
            sleep(min(left, _PAUSE))
            found = self._read(query)
        return found

    def clear(self) -> None:
        """Empty the journal. Numbers go on."""
        self._connection.ask("DELETE", *self._path)

    def unmatched(self) -> Sequence[str]:
        """The requests that a mistake kept from being let through, oldest first, each with what was probably meant."""
        return [tell(Exchange.read(each), hints) for each, hints in self._read_unmatched()]

    def export(self) -> Mapping[str, Any]:
        """All of it as a HAR 1.2 document."""
        archive: Mapping[str, Any] = self._connection.ask("GET", *self._path, "har", query={"limit": 10 * _MOST})
        return archive

    def assert_any_order(self, *claims: Expectation, nothing_else: bool = False, after: int = 0) -> None:
        """Every claim holds, wherever in the journal, behind the number `after`.

        With `nothing_else`, no request came that none of them describes.
        """
        self._assert("any_order", claims, nothing_else=nothing_else, after=after)

    def assert_sequence(self, *claims: Expectation, nothing_else: bool = False, after: int = 0) -> None:
        """The claims hold one after the other: what each describes comes behind what the one before describes."""
        self._assert("sequence", claims, nothing_else=nothing_else, after=after)

    def assert_no_findings(self, *, after: int = 0) -> None:
        """The client did nothing that would harm it in production, such as polling too fast or creating twice."""
        items = self._connection.ask("GET", "worlds", self._database, "readiness", query={"after": after})["items"]
        found = [tell_finding(item) for item in items if item["state"] == "finding"]
        if found:
            raise AssertionError("\n".join([*found, self._tell_latest()]))

    def assert_ready(self, *, except_: Sequence[str] = (), after: int = 0) -> None:
        """Every line of the readiness list is met, but for those whose names `except_` has; `*` is any text there.

        Raises AssertionError with each line that is not, and what to do about it.
        """
        document = self._connection.ask("GET", "worlds", self._database, "readiness", query={"after": after})
        left = [
            item
            for item in document["items"]
            if item["state"] != "met" and not any(fnmatchcase(item["name"], name) for name in except_)
        ]
        if left:
            head = f"not ready: {len(left)} of {len(document['items'])} lines are not met"
            control = f"CONTROL={document['control']}"
            raise AssertionError("\n".join([head, *map(tell_finding, left), control]))

    def tell(self, limit: int = _SHOWN) -> str:
        """The last few exchanges as text, a line each, and below those that failed what was probably meant."""
        hints = {each["number"]: sentences for each, sentences in self._read_unmatched()}
        return tell_all(self.latest(limit), hints)

    def _assert(self, order: str, claims: Sequence[Expectation], *, nothing_else: bool, after: int) -> None:
        for claim in claims:
            if not isinstance(claim, Expectation):
                raise OptionError(f"{claim!r} is no claim; make one by exactly, at_least, at_most, between or never")
        body = {order: [claim.document() for claim in claims], "nothing_else": nothing_else, "within": {"after": after}}
        status, verdict = self._connection.judge("POST", *self._path, "verify", body=body)
        if status == 409:  # noqa: PLR2004 — the admin API's word for claims that do not hold
            raise AssertionError("\n".join([*_explain(verdict, order), self._tell_latest()]))
        if status != 200:  # noqa: PLR2004 — the admin API's word for claims that hold
            raise ControlError("POST requests/verify", status, verdict["message"])

    def _tell_latest(self) -> str:
        return f"what the world '{self._database}' saw:\n{self.tell()}"

    def _read(self, query: Mapping[str, object], wait: float = 0) -> Sequence[Exchange]:
        document = self._connection.ask("GET", *self._path, query=query, wait=wait)
        return [Exchange.read(each) for each in document["requests"]]

    def _read_unmatched(self) -> Sequence[tuple[Mapping[str, Any], Sequence[str]]]:
        document = self._connection.ask("GET", *self._path, "unmatched", query={"limit": _SHOWN})
        return [(each, [miss["sentence"] for miss in each["near_misses"]]) for each in reversed(document["requests"])]


def _explain(verdict: Mapping[str, Any], order: str) -> Sequence[str]:
    """What the admin API says of the claims, and which requests came close to them."""
    near = [each for claim in verdict[order] for each in claim["near"]]
    return [*verdict["explanation"], *(f"almost: #{each['number']}, but {each['difference']}" for each in near)]
