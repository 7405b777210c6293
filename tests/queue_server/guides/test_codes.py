"""The item code, against a code of the standard itself and every slip of one character."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from queue_server.guides import codes

STANDARD = "91350100M000100Y43"  # the example of GB 32100-2015
SEVENTEEN = st.text(codes.CREDIT_ALPHABET, min_size=17, max_size=17)


def test_the_example_of_the_standard_holds():
    assert codes.credit_code_holds(STANDARD)


@given(SEVENTEEN, st.integers(0, 17), st.sampled_from(codes.CREDIT_ALPHABET))
def test_no_slip_of_one_character_is_missed(first: str, place: int, other: str):
    good = first + codes.check_character(first)
    assert codes.credit_code_holds(good)
    slipped = good[:place] + other + good[place + 1 :]
    assert codes.credit_code_holds(slipped) == (slipped == good)


@given(st.text(max_size=20))
def test_any_text_is_judged(text: str):
    codes.credit_code_holds(text)
    codes.parts(text)


def test_a_composed_code_comes_apart_again():
    code = codes.compose(STANDARD, "3", "00", "20", "14001000", "02")
    assert codes.parts(code) == codes.CodeParts(STANDARD, "3", "00", "20", "14001000", "02")
    assert len(code) == 33
    assert len(codes.compose(STANDARD, "3", "00", "20", "14001000")) == 31
