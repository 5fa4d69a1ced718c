"""What a run has spent and may not spend twice: in memory, or in a file that all processes of the run share.

pytest-xdist runs tests in several processes. None of them may have a budget of its own, and none may begin again when
another one has died: each request is entered before it is sent, in a transaction, and the entry outlives its process.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import RLock
from typing import Final, Protocol

_LOCK_LIMIT: Final = 60.0
"""Seconds to wait for another process that holds the account; each holds it for less than a millisecond."""
_ALONE: Final = "this process"


class BudgetError(RuntimeError):
    """The account of the run cannot be read, so nothing may be sent; one sentence says why."""


@dataclass(slots=True)
class Usage:
    """All that the guard and the pacer must know of the whole run.

    `stopped` has the reason by kind, `sent` who has sent a request by its digest, `pending` the kind of the request
    that must be refused and is under way, by process. `next_slot` is the moment from which on a request may be sent, in
    seconds of the monotonic clock, which all processes of a machine share; `held` the seconds waited on request, and
    `spacing` those between requests since then.
    """

    requests: int = 0
    payments: int = 0
    unexpected_payments: int = 0
    stopped: dict[str, str] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    next_slot: float = 0.0
    held: float = 0.0
    spacing: float = 0.0
    wait_exhausted: bool = False


class Budget(Protocol):
    """Where it is kept. `owner` names this process in it."""

    owner: str
    is_shared: bool

    def open(self) -> AbstractContextManager[Usage]:
        """What is spent, for this process alone while the block runs; what it changes is kept unless it raises."""

    def digest(self, thing: object) -> str:
        """A name for a request from which nothing of it can be read."""


class LocalBudget:
    """The account of a run that is one process."""

    is_shared = False

    def __init__(self) -> None:
        self.owner = _ALONE
        self._spent = Usage()
        self._lock = RLock()
        self._secret = secrets.token_bytes()

    @contextmanager
    def open(self) -> Iterator[Usage]:
        """What is spent; one thread at a time."""
        with self._lock:
            yield self._spent

    def digest(self, thing: object) -> str:
        """A keyed hash."""
        return _digest(self._secret, thing)


class SharedBudget:
    """The account of a run of several processes on one machine: an SQLite file, opened by each of them.

    Nothing in it can be read: what was sent is there by a hash under `secret`, which the file does not hold.
    """

    is_shared = True

    def __init__(self, path: Path, secret: bytes, owner: str) -> None:
        if not path.is_file():
            raise BudgetError(f"{path}, the account of the run, is not here: all workers must run on one machine")
        self.owner = owner
        self._path = path
        self._secret = secret
        self._lock = RLock()
        self._database = sqlite3.connect(path, timeout=_LOCK_LIMIT, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA synchronous = OFF")  # it need not outlive the machine, only the process

    @classmethod
    def create(cls, path: Path, secret: bytes, owner: str) -> SharedBudget:
        """A new account, with nothing spent."""
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE spent (content TEXT NOT NULL)")
            database.execute("INSERT INTO spent VALUES (?)", (json.dumps(asdict(Usage())),))
        database.close()
        return cls(path, secret, owner)

    @contextmanager
    def open(self) -> Iterator[Usage]:
        """What is spent; one process at a time. Raises AccountError when that cannot be known."""
        with self._lock:
            usage = self._begun()
            try:
                yield usage
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._end(usage)

    def digest(self, thing: object) -> str:
        """A keyed hash, the same in each process of the run."""
        return _digest(self._secret, thing)

    def invitation(self) -> dict[str, str]:
        """What another process must be told to share this account."""
        return {"path": str(self._path), "secret": self._secret.hex()}

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _begun(self) -> Usage:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            return Usage(**json.loads(self._database.execute("SELECT content FROM spent").fetchone()[0]))
        except sqlite3.Error as error:
            raise BudgetError(f"the account of the run cannot be read ({error}): nothing more is sent") from error

    def _end(self, usage: Usage) -> None:
        try:
            self._database.execute("UPDATE spent SET content = ?", (json.dumps(asdict(usage)),))
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise BudgetError(f"the account of the run cannot be kept ({error}): nothing more is sent") from error


def _digest(secret: bytes, thing: object) -> str:
    return hmac.new(secret, repr(thing).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
