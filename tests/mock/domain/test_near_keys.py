"""What is told of a key that was nearly right: enough to mend it, and nothing of the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.auth import ApiKey, NearKeys

VALUE = "lime-KEY-4711"
KEYS = NearKeys([ApiKey("ABC123", "Full access", frozenset()), ApiKey(VALUE, "Sales", frozenset())])


@pytest.mark.parametrize(
    ("presented", "sentence"),
    [
        ("LIME-key-4711", "it is the key 'Sales' in another case"),
        (f" {VALUE}\t", "it is the key 'Sales' with white space around it"),
        (f'"{VALUE}"', "it is the key 'Sales' in quotation marks or brackets"),
        (f"<{VALUE}>", "it is the key 'Sales' in quotation marks or brackets"),
        (f"Bearer {VALUE}", "it is the key 'Sales' behind a word such as Bearer; the header holds the key alone"),
        (f"x-api-key: {VALUE}", "it is the key 'Sales' behind a word such as Bearer; the header holds the key alone"),
        ("lime-KEY", "it is a part of the key 'Sales'; it was cut off"),
        ("KEY-4711", "it is a part of the key 'Sales'; it was cut off"),
        (f"{VALUE},{VALUE}", "it is the key 'Sales' with more in front of it or behind it"),
        ("undefined", "a placeholder was sent that was not replaced"),
        ("${API_KEY}", "a placeholder was sent that was not replaced"),
        ("{{apiKey}}", "a placeholder was sent that was not replaced"),
    ],
)
def test_a_near_key_is_named_with_the_mistake(presented: str, sentence: str) -> None:
    assert KEYS.hint(presented.encode()) == sentence


@pytest.mark.parametrize("presented", [b"", b"nothing like it", b"AB", b"\xff\xfe", b" \t "])
def test_a_key_that_is_near_none_gets_no_hint(presented: bytes) -> None:
    assert KEYS.hint(presented) is None


@given(st.sampled_from([VALUE, "ABC123"]), st.binary(max_size=8), st.binary(max_size=8))
def test_no_hint_holds_a_key(value: str, before: bytes, after: bytes) -> None:
    told = KEYS.hint(before + value.encode() + after) or ""
    assert value not in told


def test_of_many_keys_the_first_ten_are_compared() -> None:
    keys = NearKeys(ApiKey(f"key-number-{number:04}", f"Key {number}", frozenset()) for number in range(500))
    assert keys.hint(b"KEY-NUMBER-0009") == "it is the key 'Key 9' in another case"
    assert keys.hint(b"KEY-NUMBER-0010") is None
