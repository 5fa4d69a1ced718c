"""Requests that meet the defects, by the clause that these break."""

from __future__ import annotations

from typing import NamedTuple

KEY = "ABC123"
READ_ONLY = "READ-ONLY-KEY"
NO_ACCESS = "NO-ACCESS-KEY"
LIMITED = "SALES-KEY"
WRONG = "WRONG-KEY"
NEXT_DOOR = "NEXT-DOOR-KEY"
OPEN_ACTION = "E52FEC142D754A6A85840F4CE50EE168"
NO_KEYS = (None, WRONG)


class Probe(NamedTuple):
    """One request. In its path, `{first}` and `{second}` stand for payment requests that exist."""

    method: str
    path: str
    key: str | None = KEY
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


class Pause(NamedTuple):
    """The world's clock is moved on."""

    seconds: float


def invoice(invoice_id: str = "1001", key: str | None = KEY, method: str = "GET", **headers: str) -> Probe:
    return Probe(method, f"/fetch-invoice-pdf/{invoice_id}/", key, _as_lines(headers))


def status(request_id: str = "{first}", key: str | None = KEY, method: str = "GET", **headers: str) -> Probe:
    return Probe(method, f"/payments/swish/{request_id}", key, _as_lines(headers))


def create(
    phone: str | None = "46701740605",
    message: str | None = "Invoice+123",
    action: str = "action123",
    key: str | None = KEY,
    method: str = "POST",
) -> Probe:
    given = {"phone": phone, "message": message}
    query = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
    return Probe(method, f"/payments/swish/{action}?{query}", key)


def _as_lines(headers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("_", "-"), value) for name, value in headers.items())


_BASIC = "Basic OkFCQzEyMw=="
_INVOICE_IDS = (
    "9999999", "0", "-1", "2147483648", "9223372036854775808", "abc", "%C3%A5", "1" * 120, "%00", "1001'", "%25", "*",
    "+1001", "%201001", "1001.0", "1001abc", "1001%20", "%EF%BC%91%EF%BC%90%EF%BC%90%EF%BC%91", "%221001%22",
)  # fmt: skip
_ERRORS = (
    invoice("9999999"), invoice(key=WRONG), create(phone=None), create(action="nothing"), status("nothing"),
)  # fmt: skip
_JSON = (create(), status(), create(phone=None), create(message="%C3%A5" * 51))

PROBES: dict[str, tuple[Probe | Pause, ...]] = {
    "URL-1": (invoice(), status(), create()),
    "AUTH-1": (invoice(), status(), create(), *[invoice(key=WRONG)] * 5, invoice(), invoice(), status()),
    "AUTH-2": (
        *(probe for key in (*NO_KEYS, "") for probe in (invoice(key=key), status(key=key), create(key=key))),
        Probe("GET", f"/fetch-invoice-pdf/1001/?api_key={KEY}", None),
        invoice(key=None, cookie=f"a=b; x-api-key={KEY}"),
        invoice(key=None, authorization=f"Bearer {KEY}"),
        invoice(key=None, authorization=_BASIC),
        invoice(key=None, authorization="Basic %"),
        invoice(key=None, api_key=KEY),
        invoice(key=NEXT_DOOR),
        invoice(key=None, x_forwarded_for="127.0.0.1"),
        invoice(key=None, range="bytes=0-99"),
        Probe("GET", "//fetch-invoice-pdf//1001/", None),
        Probe("GET", "/fetch-invoice-pdf/1001", None),
        Probe("GET", "/FETCH-INVOICE-PDF/1001/", None),
        create(key=None, phone=None),
        invoice("abc", key=None),
    ),
    "AUTH-3": (Probe("GET", "/fetch-invoice-pdf/1001/", None, (("X-API-Key", KEY),)), invoice()),
    "AUTH-4": tuple(
        invoice(key=key)
        for key in (
            "ABC", "ABC123x", "xABC123x", "abc123", "ABCxyz", "ABC12x", "xxxxxx", "321CBA", '"ABC123"', "Bearer ABC123",
            "ABC123, x", "x, ABC123", "%41BC123", "A-BC 123",
        )
    ),
    "AUTH-5": (
        invoice(key=None, method="HEAD"),
        invoice(key=None, method="OPTIONS"),
        invoice(key=None, method="POST", x_http_method_override="GET"),
        invoice(key=None, method="PUT"),
    ),
    "MASK-1": (*(invoice(key=key) for key in NO_KEYS), *(status(key=key) for key in NO_KEYS)),
    "MASK-2": (
        *(
            probe
            for key in (*NO_KEYS, "ABC")
            for method in ("GET", "HEAD", "OPTIONS", "POST")
            for probe in (
                invoice(key=key, method=method), invoice("9999999", key, method), status(key=key, method=method),
            )
        ),
        *(create(key=key) for key in NO_KEYS),
        Probe("GET", "/fetch-invoice-pdf/1001", None),
        invoice("1004", key=None),
    ),
    "MASK-3": tuple(
        probe
        for key in NO_KEYS
        for probe in (
            invoice(key=key), invoice("9999999", key=key), invoice(key=key, method="HEAD"), create(key=key),
            status(key=key),
        )
    ),
    "MASK-4": (invoice("1004", key=LIMITED), invoice("9999999", key=LIMITED), invoice("1004", LIMITED, "HEAD")),
    "PERM-1": (
        *(probe for key in (READ_ONLY, NO_ACCESS) for probe in (create(key=key), status(key=key), invoice(key=key))),
        invoice("1004", key=LIMITED),
        invoice("1004", LIMITED, "HEAD"),
    ),
    "PDF-1": (invoice(), invoice()),
    "PDF-2": (invoice(), invoice(), invoice()),
    "PDF-3": (invoice("9999999"), invoice("1004", key=LIMITED)),
    "PDF-4": tuple(map(invoice, _INVOICE_IDS)),
    "SWISH-1": (create(),),
    "SWISH-2": (create(), create(phone="46701740606"), create(phone="46701740607"), Pause(5), create()),
    "SWISH-3": (create(phone=None), create(phone=""), create(phone="++")),
    "SWISH-4": (create(phone="4" * 21), create(phone="4" * 40)),
    "SWISH-5": (create(message=None), create(message="")),
    "SWISH-6": (
        create(message="a" * 50),
        create("46701740606", "a" * 51),
        create("46701740607", "%C3%A5" * 30),
        create("46701740608", "a" * 45 + "+" * 10),
    ),
    "SWISH-7": (
        create(),
        Probe("POST", "/payments/swish/action123?message=a&phone=46701740606"),
        create("46701740607", "a%20b"),
    ),
    "SWISH-8": (create(phone=None),),
    "SWISH-9": (
        create(action="nothing"), create("46701740606", action="actio"), create("46701740607", action="action1234"),
    ),
    "SWISH-10": (create(), create("46701740606", "Invoice%20123")),
    "STATUS-1": (status(),),
    "STATUS-2": (*[status()] * 5, *[status("{second}")] * 5, Pause(5), status(), status("{second}")),
    "STATUS-3": (
        status("nothing-of-this-name"), status("11111111-2222-3333-4444-555555555555"), status("action123"),
        status(OPEN_ACTION), status("1001"), status("{part}"), status("{first}x"),
    ),
    "STATUS-4": (status(),),
    "CODES-1": (
        *_ERRORS, create(), create(), status(), invoice(accept="text/html, application/pdf;q=0.9"),
        invoice(if_none_match='"1"'),
    ),
    "CODES-2": (
        *_ERRORS,
        invoice(),
        invoice(key=None),
        invoice(key="å"),
        invoice(key="x" * 300),
        create(key=READ_ONLY),
        create(phone="4" * 21),
        create(message="a" * 51),
        create(message=None),
        create(message="%FF"),
        create(message="%00"),
        create(message="%F0%9F%98%80"),
        create(phone="46701740605&phone=46701740606"),
        create(message="a&b=" * 60),
        create(message="a" * 2100),
        create(message="%ZZ"),
        create(phone="abc"),
        status("a.b"),
        Probe("POST", "/payments/swish/action123", KEY, (("content-type", "text/xml"),), "<a/>"),
        invoice(accept="text/html"),
        invoice(range="bytes=0-1"),
        invoice(method="HEAD"),
        Probe("GET", "/nothing"),
        invoice(), invoice(), invoice(), invoice(),
    ),
    "HTTP-1": _JSON,
    "HTTP-2": (
        *(invoice(method=method) for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE")),
        *(status(method=method) for method in ("PUT", "PATCH", "DELETE", "TRACE")),
        status(),
        create(method="GET"),
        create("46701740606", method="PUT"),
    ),
    "SEC-2": _ERRORS,
    "SEC-3": (invoice(),),
}  # fmt: skip
