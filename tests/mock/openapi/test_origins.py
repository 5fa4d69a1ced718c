"""Under which address a server was asked."""

from typing import Any

import pytest

from billecta_mock.openapi.pipeline import read_origin


@pytest.mark.parametrize(
    ("scope", "origin"),
    [
        ({"headers": [(b"host", b"127.0.0.1:9443")], "scheme": "https"}, "https://127.0.0.1:9443"),
        ({"headers": [(b"host", b"mock.test")]}, "http://mock.test"),
        ({"headers": [(b"host", b"[::1]:8080")]}, "http://[::1]:8080"),
        ({"headers": [], "server": ("10.0.0.7", 8443), "scheme": "https"}, "https://10.0.0.7:8443"),
        ({"headers": [], "server": ("::1", 8080)}, "http://[::1]:8080"),
        ({"headers": []}, "http://127.0.0.1"),
        ({"headers": [(b"host", b"a; rm -r x")], "server": ("127.0.0.1", 80)}, "http://127.0.0.1:80"),
        ({"headers": [(b"host", b"")], "server": ("127.0.0.1", 80)}, "http://127.0.0.1:80"),
    ],
)
def test_it_is_the_host_that_was_named_or_else_the_server_itself(scope: Any, origin: str) -> None:
    assert read_origin(scope) == origin
