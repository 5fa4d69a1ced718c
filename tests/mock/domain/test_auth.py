"""Keys, policies, object access, and what is disclosed of a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.auth import ApiKey, KeyRing, authenticate, authorise
from billecta_mock.domain.problems import Problem, ProblemKind, Reason, not_found
from billecta_mock.domain.world import Masking, disclose, is_database_name

KEY = ApiKey("ABC123", "Full access", frozenset({"fetchInvoicePdf"}), frozenset({"1001"}))
RING = KeyRing([KEY, ApiKey("nyckel-å", "Swedish", frozenset())])


def why(outcome: ApiKey | Problem | None) -> str:
    assert isinstance(outcome, Problem)
    return outcome.why.code


def test_a_valid_key_is_its_user() -> None:
    assert authenticate(RING, [b"ABC123"]) is KEY


def test_a_key_beyond_ascii_is_compared_by_its_bytes() -> None:
    assert isinstance(authenticate(RING, ["nyckel-å".encode()]), ApiKey)


@pytest.mark.parametrize("value", [b"abc123", b"ABC12", b"ABC1234", b"ABC123 ", b"nope", b"ABC123\x00"])
def test_a_key_that_only_resembles_a_valid_one_is_unknown(value: bytes) -> None:
    assert why(authenticate(RING, [value])) == "key_unknown"


@given(st.binary(max_size=40).filter(lambda value: value not in (b"ABC123", "nyckel-å".encode(), b"")))
def test_no_other_bytes_open_the_door(value: bytes) -> None:
    assert why(authenticate(RING, [value])) == "key_unknown"


@pytest.mark.parametrize(
    ("presented", "code"), [([], "key_missing"), ([b""], "key_empty"), ([b"ABC123", b"ABC123"], "key_repeated")]
)
def test_why_there_is_no_user_is_known(presented: list[bytes], code: str) -> None:
    assert why(authenticate(RING, presented)) == code


def test_policy_denies_what_it_does_not_allow() -> None:
    assert authorise(KEY, "fetchInvoicePdf") is None
    assert why(authorise(KEY, "createSwishPayment")) == "policy_denied"


def test_object_access_hides_all_but_what_is_listed() -> None:
    assert KEY.may_see("1001")
    assert not KEY.may_see("123")


@pytest.mark.parametrize(
    ("masking", "missing", "wrong"),
    [
        (Masking.ALWAYS, ProblemKind.NOT_FOUND, ProblemKind.NOT_FOUND),
        (Masking.NEVER, ProblemKind.UNAUTHENTICATED, ProblemKind.UNAUTHENTICATED),
        (Masking.MIXED, ProblemKind.UNAUTHENTICATED, ProblemKind.NOT_FOUND),
    ],
)
def test_what_is_shown_of_a_bad_key_follows_the_masking(
    masking: Masking, missing: ProblemKind, wrong: ProblemKind
) -> None:
    shown = [authenticate(RING, presented) for presented in ([], [b"nope"])]
    assert [disclose(each, masking) for each in shown if isinstance(each, Problem)] == [missing, wrong]


@given(st.sampled_from(ProblemKind), st.sampled_from(Masking), st.text())
def test_masking_only_ever_touches_a_bad_key(kind: ProblemKind, masking: Masking, code: str) -> None:
    shown = disclose(Problem(kind, Reason(code, "")), masking)
    assert shown is kind or (kind is ProblemKind.UNAUTHENTICATED and shown is ProblemKind.NOT_FOUND)


def test_hidden_and_absent_differ_in_nothing_but_the_reason_in_the_journal() -> None:
    hidden, absent = not_found("invoice_hidden", "…"), not_found("invoice_unknown", "…")
    assert (hidden.kind, hidden.error, hidden.message) == (absent.kind, absent.error, absent.message)


@pytest.mark.parametrize("name", ["database", "Kund AB", "a.b_c-1", "7"])
def test_a_world_can_have_the_name_of_a_database(name: str) -> None:
    assert is_database_name(name)


@pytest.mark.parametrize("name", ["", "__admin", "docs", " x", "a/b", "å", "x" * 65, "a\n"])
def test_a_world_cannot_have_a_name_that_no_path_could_carry_or_the_mock_itself_has(name: str) -> None:
    assert not is_database_name(name)
