"""The marks of exchanges: what made an answer other than that of a plain deployment."""

from typing import Final

from billecta_mock.domain.faults import FaultKind

DELAY: Final = "delay"
ABANDONED: Final = "abandoned"
PREFER: Final = "prefer"
PREFER_UNUSED: Final = "prefer:unused"
GATEWAY_STATUSES: Final = (429, 500, 502, 503, 504)
"""What a gateway that refuses a request answers."""

_RULE: Final = "rule:"
_FAULT: Final = "fault:"
_DEFECT: Final = "defect:"
_FAULT_NAMES: Final = (
    *(kind.value for kind in FaultKind if kind is not FaultKind.STATUS),
    *map(str, GATEWAY_STATUSES),
)
FORMS: Final = (
    f"{_RULE}NAME",
    *(f"{_FAULT}{name}" for name in _FAULT_NAMES),
    DELAY,
    ABANDONED,
    PREFER,
    PREFER_UNUSED,
    f"{_DEFECT}NAME",
)
"""All marks that there are; NAME is that of a rule, of a fault, or of a defect."""


def mark_rule(name: str) -> str:
    """The mark of a rule, or of a fault, that came true: by its name."""
    return f"{_RULE}{name}"


def mark_fault(name: str) -> str:
    """The mark of what happened to the answer: by the type of the fault, or the status of the gateway."""
    return f"{_FAULT}{name}"


def mark_defect(name: str) -> str:
    """The mark of a defect that was at work."""
    return f"{_DEFECT}{name}"


def can_be_marked(pattern: str) -> bool:
    """Whether any exchange can have a mark like this one, in which each `*` stands for any text."""
    head, star, _ = pattern.partition("*")
    if not star:
        return pattern in FORMS or any(pattern.startswith(form) and pattern != form for form in (_RULE, _DEFECT))
    return any(form.startswith(head) for form in FORMS) or head.startswith((_RULE, _DEFECT))
