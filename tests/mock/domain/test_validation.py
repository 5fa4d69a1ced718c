"""What Billecta and Swish accept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billecta_mock.domain.problems import Problem
from billecta_mock.domain.validation import check_message, find_blank, normalise_phone


def code_of(outcome: object) -> str | None:
    return outcome.why.code if isinstance(outcome, Problem) else None


@pytest.mark.parametrize(
    "written",
    [
        "46701740605",
        "+46701740605",
        "0046701740605",
        "0701740605",
        "070-174 06 05",
        "+46 (70) 174.06/05",
        "+46 (0)70-174 06 05",
        "0046(0)701740605",
        "070\u20131740605",
    ],
)
def test_a_phone_number_is_understood_however_it_is_written(written: str) -> None:
    assert normalise_phone(written) == "46701740605"


@pytest.mark.parametrize(
    "written",
    ["46701740605\n", "1234567", "1" * 16, "46 70 abc", "٤٦٧٠١٧٤٠٦٠٥", "+", "0", "++46701740605", "000000000"],
)
def test_what_is_no_phone_number_is_refused_with_be18(written: str) -> None:
    assert code_of(normalise_phone(written)) == "BE18"


@given(st.text(max_size=20))
def test_a_normalised_phone_number_is_8_to_15_digits_without_a_leading_zero(written: str) -> None:
    phone = normalise_phone(written)
    if isinstance(phone, str):
        assert phone.isascii()
        assert phone.isdecimal()
        assert 8 <= len(phone) <= 15
        assert phone[0] != "0"


@given(st.from_regex(r"[1-9][0-9]{7,14}", fullmatch=True))
def test_a_number_in_normal_form_stays_as_it_is(phone: str) -> None:
    assert normalise_phone(phone) == phone


@pytest.mark.parametrize("message", ["Invoice 123", "Hyra för maj: 12,50?!", 'a "quoted" (word);', "ÅÄÖ åäö é", "A-B"])
def test_a_message_of_swish_characters_passes(message: str) -> None:
    assert check_message(message) is None


@pytest.mark.parametrize("message", ["10 % rabatt", "a\nb", "smile 😀", "a\u00d7b", "a_b", "€5", "a\x00b"])
def test_a_message_with_another_character_is_refused_with_rp02(message: str) -> None:
    assert code_of(check_message(message)) == "RP02"


@pytest.mark.parametrize("white", [" ", "\t", "   ", "\u00a0"])
def test_white_space_alone_is_blank_and_the_parameter_is_named(white: str) -> None:
    refusal = find_blank({"phone": "46701740605", "message": white})
    assert isinstance(refusal, Problem)
    assert refusal.message.startswith("message is blank")
