"""The requests that are measured: one for each way that a request can go."""

from dataclasses import dataclass
from typing import Final

KEY: Final = "ABC123"
WRONG_KEY: Final = "no-such-key"
BASE: Final = "/database/limepkg-billecta-integration"
ACTION: Final = f"{BASE}/payments/swish/action123"
INVOICE: Final = f"{BASE}/fetch-invoice-pdf/1001/"
SAMPLE: Final = "phone=46701740605&message=Invoice+123"


@dataclass(frozen=True)
class Case:
    """One kind of request and the status that answers it. A POST gets a new phone number each time."""

    name: str
    method: str
    path: str
    status: int
    key: str = KEY

    @property
    def sample(self) -> str:
        """The path of one request of this kind."""
        return f"{self.path}?{SAMPLE}" if self.method == "POST" else self.path


def cases(request_id: str) -> tuple[Case, ...]:
    """All kinds; the status is asked of this payment request."""
    return (
        Case("GET status", "GET", f"{BASE}/payments/swish/{request_id}", 200),
        Case("POST create", "POST", ACTION, 201),
        Case("GET PDF", "GET", INVOICE, 200),
        Case("masked 404", "GET", INVOICE, 404, WRONG_KEY),
    )
