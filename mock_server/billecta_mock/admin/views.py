"""Domain objects and times as JSON of the admin API."""

from datetime import UTC, datetime
from typing import Any

from billecta_mock.domain.clock import Clock
from billecta_mock.domain.journal import Exchange
from billecta_mock.domain.payments import Payment, Transition
from billecta_mock.domain.problems import Problem, invalid
from billecta_mock.domain.world import ScheduledChange, World, WorldSettings


def parse_time(text: str, place: str) -> datetime | Problem:
    """A time in RFC 3339. The schema has seen its form; a leap second or the year 0 is still none of ours.

    `place` begins the sentence that refuses it.
    """
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return invalid("time_invalid", "Bad Request", f"{place}: '{text[:64]}' is not a time that this clock can show")


def show_time(time: datetime) -> str:
    """RFC 3339, in UTC, to the millisecond."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def show_world(world: World, wall: datetime) -> dict[str, Any]:
    """What is set about a world, and what it was seeded with."""
    return {
        "database": world.database,
        "keys": len(world.dataset.keys),
        "invoices": len(world.dataset.invoices),
        "settings": show_settings(world.settings),
        "clock": show_clock(world.clock, wall),
    }


def show_settings(settings: WorldSettings) -> dict[str, Any]:
    """All settings of a world."""
    return {
        "masking": settings.masking,
        "progression": settings.progression,
        "pay_after_seconds": settings.pay_after_seconds,
        "pay_after_polls": settings.pay_after_polls,
        "expire_after_seconds": settings.expire_after_seconds,
        "one_live_request_per_phone": settings.one_live_request_per_phone,
        "magic_values": settings.magic_values,
        "prefer": settings.prefer,
    }


def show_clock(clock: Clock, wall: datetime) -> dict[str, Any]:
    """What a clock shows when the wall clock shows `wall`, and how it runs."""
    return {"now": show_time(clock.now(wall)), "mode": clock.mode, "rate": clock.rate}


def show_move(payment: Payment, move: Transition) -> dict[str, Any]:
    """The event that a payment moved."""
    return {"event": "payment", "requestid": payment.request_id, **_show_move(move)}


def show_scheduled_change(turn: ScheduledChange) -> dict[str, Any]:
    """The event that a rule came into force, or ended."""
    return {"event": turn.what, turn.kind: turn.name, "at": show_time(turn.at)}


def show_release(at: datetime) -> dict[str, Any]:
    """The event that an answer which was held back is let go."""
    return {"event": "answer_released", "at": show_time(at)}


def _show_move(move: Transition) -> dict[str, Any]:
    return {"at": show_time(move.at), "status": move.status, "cause": move.cause}


def show_payment(payment: Payment) -> dict[str, Any]:
    """A payment, settled by the caller, with its past."""
    return {
        "requestid": payment.request_id,
        "actionpublicid": payment.action_id,
        "invoice_id": payment.invoice_id,
        "phone": payment.phone,
        "message": payment.message,
        "status": payment.status,
        "created_at": show_time(payment.created_at),
        "expires_at": show_time(payment.expires_at),
        "history": [_show_move(move) for move in payment.history],
    }


def show_exchange(number: int, exchange: Exchange) -> dict[str, Any]:
    """One exchange of the journal."""
    return {
        "number": number,
        "at": show_time(exchange.at),
        "method": exchange.method,
        "path": exchange.path,
        "parameters": dict(exchange.parameters),
        "operation": exchange.operation,
        "key": exchange.key,
        "key_name": exchange.key_name,
        "status": exchange.status,
        "requestid": exchange.request_id,
        "requeststatus": exchange.payment_status,
        "media_type": exchange.media_type,
        "size": exchange.size,
        "retry_after": exchange.retry_after,
        "milliseconds": round(exchange.seconds * 1000, 3),
        "why": {"code": exchange.why.code, "sentence": exchange.why.sentence},
        "marks": list(exchange.marks),
    }
