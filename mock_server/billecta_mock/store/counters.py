"""How often the rules of one world came true, in memory."""

from datetime import datetime
from typing import Final

from billecta_mock.domain.actions import Limits, Quota, Turns
from billecta_mock.domain.rules import RuleKind

_MOST_CLIENTS: Final = 10_000


class RuleCounters:
    """Counts for each rule of a world. Of too many clients of quotas it forgets those that were silent for longest."""

    def __init__(self) -> None:
        self._turns: dict[tuple[RuleKind, str], Turns] = {}
        self._windows: dict[tuple[tuple[RuleKind, str], str], tuple[datetime, int]] = {}

    def turns(self, kind: RuleKind, name: str) -> Turns:
        """What this rule has seen."""
        return self._turns.get((kind, name), Turns())

    def take_turn(self, kind: RuleKind, name: str, limits: Limits) -> int | None:
        """Count a request for a rule. Its number, from 0, if the rule comes true for it."""
        turns = self.turns(kind, name)
        fires = limits.allow(turns)
        self._turns[kind, name] = Turns(turns.seen + 1, turns.fired + fires)
        return turns.seen if fires else None

    def take_slot(self, quota: Quota, client: str, owner: tuple[RuleKind, str], now: datetime) -> float:
        """Count a request of a client against the quota of a rule. The seconds until it may come again; 0: it may."""
        started, used = self._windows.pop((owner, client), (now, 0))
        if now >= started + quota.period:
            started, used = now, 0
        is_over = used >= quota.requests
        self._windows[owner, client] = (started, used + (not is_over))
        if len(self._windows) > _MOST_CLIENTS:
            del self._windows[next(iter(self._windows))]
        return (started + quota.period - now).total_seconds() if is_over else 0

    def forget(self, kind: RuleKind, name: str) -> None:
        """Begin anew for this rule."""
        self._turns.pop((kind, name), None)
        for window in [window for window in self._windows if window[0] == (kind, name)]:
            del self._windows[window]
