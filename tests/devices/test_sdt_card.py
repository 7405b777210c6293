"""What a chip holds, whether a number can be right, and what of it may be seen. Every person here is computed."""

from __future__ import annotations

import dataclasses
import random
from datetime import date, timedelta

import pytest
from stdnum.iso7064 import mod_11_2

from devices.errors import BadFrame
from devices.sdt import chip
from devices.sdt.card import Card, CardKind, CardUnreadable, Private, mask
from devices.sdt.chip import ChipText
from devices.sdt.numbers import CHECKS, check_7_3_1, check_mod_11_2, flaw
from devices.sdt.samples import BIRTH, number, person

KINDS = list(CardKind)
EIGHTEEN = [CardKind.RESIDENT, CardKind.HMT, CardKind.FOREIGNER_2023]

# --- the 256 bytes ----------------------------------------------------------------------------------------------------

PLACES = {  # DEVICES 1.7: where each field begins and how many bytes it has
    CardKind.RESIDENT: {
        "name": (0, 30), "sex": (30, 2), "nation": (32, 4), "birth": (36, 16), "address": (52, 70), "number": (122, 36),
        "authority": (158, 30), "valid_from": (188, 16), "valid_to": (204, 16),
    },
    CardKind.HMT: {
        "name": (0, 30), "sex": (30, 2), "birth": (36, 16), "address": (52, 70), "number": (122, 36),
        "authority": (158, 30), "valid_from": (188, 16), "valid_to": (204, 16), "pass_number": (220, 18),
        "issues": (238, 4),
    },
    CardKind.FOREIGNER_2017: {
        "latin_name": (0, 120), "sex": (120, 2), "number": (122, 30), "nationality": (152, 6), "name": (158, 30),
        "valid_from": (188, 16), "valid_to": (204, 16), "birth": (220, 16), "card_version": (236, 4),
        "authority_code": (240, 8),
    },
    CardKind.FOREIGNER_2023: {
        "name": (0, 30), "sex": (30, 2), "renewals": (32, 4), "birth": (36, 16), "number": (122, 36),
        "valid_from": (188, 16), "valid_to": (204, 16), "nationality": (242, 6), "previous_card": (250, 6),
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_stands_where_the_manual_says(kind: CardKind) -> None:
    for name, (start, size) in PLACES[kind].items():
        block = bytearray(b" \0" * 128)
        block[248:250] = {v: k for k, v in chip.FLAGS.items()}[kind].encode("utf-16-le")
        block[start : start + size] = "甲".encode("utf-16-le") * (size // 2)
        assert chip.read(block) == ChipText(kind, **{name: "甲" * (size // 2)})
        assert chip.write(chip.read(block)) == bytes(block)


@pytest.mark.parametrize("kind", KINDS)
def test_every_layout_fills_the_block(kind: CardKind) -> None:
    assert sum(width for _, width in chip.LAYOUTS[kind]) * 2 == chip.SIZE
    before_flag = [width for _, width in chip.LAYOUTS[kind]][: [n for n, _ in chip.LAYOUTS[kind]].index("flag")]
    assert sum(before_flag) * 2 == chip.FLAG_AT


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_survives_the_way_there_and_back(kind: CardKind) -> None:
    text = person(kind)
    assert chip.read(chip.write(text)) == text
    assert text.number and text.birth == "19850314"


def test_a_long_latin_name_goes_into_two_places_and_comes_back_whole() -> None:
    name = "ABCDEFGHIJ KLMNOPQRST UVWXYZABCDEFG HIJKLMN OP"
    assert len(name) == 46 and name[34:36].strip() != name[34:36], "a blank stands at the seam"
    text = dataclasses.replace(person(CardKind.FOREIGNER_2023), latin_name=name)
    block = chip.write(text)
    assert block[52:122].decode("utf-16-le") + block[220:242].decode("utf-16-le") == name
    assert chip.read(block) == text
    with pytest.raises(ValueError, match="latin_name"):
        chip.write(dataclasses.replace(text, latin_name=name + "Q"))


def test_valid_for_ever_and_unknown_nations_stay_as_they_are() -> None:
    assert chip.read(chip.write(person())).valid_to == "长期"
    assert chip.day("长期") is None
    for nation in ["97", "98", "57", "00", "穿青", "??"]:
        text = dataclasses.replace(person(), nation=nation)
        assert chip.read(chip.write(text)).nation == nation


@pytest.mark.parametrize("name", ["𠮷野䶮", "买买提·艾力", "𠮷𠮷𠮷𠮷𠮷𠮷𠮷"])
def test_rare_names_survive(name: str) -> None:
    text = dataclasses.replace(person(), name=name)
    assert chip.read(chip.write(text)).name == name


def test_half_a_rare_character_does_not_cost_the_card() -> None:
    block = bytearray(chip.write(person()))
    block[28:30] = "𠮷".encode("utf-16-le")[:2]
    text = chip.read(block)
    assert text.name.endswith("\ufffd") and text.number == person().number


def test_padding_with_zeros_reads_the_same() -> None:
    block = bytearray(chip.write(person()))
    block[0:30] = "张样本".encode("utf-16-le").ljust(30, b"\0")
    assert chip.read(block) == person()


def test_a_kind_of_card_nobody_knows_is_unreadable() -> None:
    for value in range(0, 0x10000, 7):
        block = bytearray(chip.write(person()))
        block[248:250] = value.to_bytes(2, "little")
        if chr(value) in " IYJ":
            assert chip.read(block).kind is chip.FLAGS[chr(value)]
        else:
            with pytest.raises(CardUnreadable, match="not known"):
                chip.read(block)


@pytest.mark.parametrize("size", [0, 255, 257])
def test_a_block_of_another_size_is_no_block(size: int) -> None:
    with pytest.raises(BadFrame):
        chip.read(bytes(size))


@pytest.mark.parametrize("seed", range(10))
def test_noise_in_the_chip_is_never_more_than_an_unreadable_card(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(300):
        block = bytearray(rng.randbytes(256))
        block[248:250] = rng.choice(" IYJ").encode("utf-16-le")
        text = chip.read(block)
        assert chip.day(text.birth) is None or text.birth.isdigit()


@pytest.mark.parametrize(
    "text", ["", "20230229", "20231301", "00000000", "2023010", "202301011", "２０２３0101", "长期"]
)
def test_no_day_is_none(text: str) -> None:
    assert chip.day(text) is None


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_the_check_character_agrees_with_the_standard_library_of_numbers() -> None:
    rng = random.Random(11643)
    for _ in range(2000):
        body = f"{rng.randrange(10**17):017}"
        assert check_mod_11_2(body) == mod_11_2.calc_check_digit(body)
        assert mod_11_2.is_valid(body + check_mod_11_2(body))


def test_every_check_character_occurs() -> None:
    assert {check_mod_11_2(f"{one:017}") for one in range(100)} == set(CHECKS)


@pytest.mark.parametrize(("characters", "check"), [("520727", "3"), ("AB2134<<<".replace("<", "0"), "5"), ("", "0")])
def test_the_check_digit_of_passports(characters: str, check: str) -> None:
    assert check_7_3_1(characters) == check  # ICAO 9303's own examples; its filler counts 0


@pytest.mark.parametrize("kind", KINDS)
def test_computed_numbers_pass_and_every_changed_digit_fails(kind: CardKind) -> None:
    good = number(kind, BIRTH, 123)
    assert flaw(kind, good, BIRTH) == ""
    for place, digit in enumerate(good):
        if digit.isdigit():
            # 7-3-1 misses changes by a multiple of 10 only; one digit never makes one
            changed = good[:place] + str((int(digit) + 1) % 10) + good[place + 1 :]
            assert flaw(kind, changed, BIRTH), f"digit {place}"


@pytest.mark.parametrize("kind", EIGHTEEN)
def test_every_swap_of_neighbours_fails(kind: CardKind) -> None:
    good = number(kind, date(1987, 6, 5), 429)
    for place in range(17):
        swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
        assert swapped == good or flaw(kind, swapped, date(1987, 6, 5))


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_of_another_day_is_refused(kind: CardKind) -> None:
    assert "birth" in flaw(kind, number(kind, BIRTH, 5), BIRTH + timedelta(days=1))


def test_the_century_of_an_old_foreigner_card_comes_from_the_chip() -> None:
    for year in (1923, 2023):
        born = date(year, 7, 1)
        assert flaw(CardKind.FOREIGNER_2017, number(CardKind.FOREIGNER_2017, born, 1), born) == ""


def test_a_number_of_one_kind_never_passes_for_another() -> None:
    for kind in KINDS:
        for other in KINDS:
            wrong = flaw(other, number(kind, BIRTH, 42), BIRTH)
            # the permit of Hong Kong, Macau and Taiwan is made like a resident's, on purpose
            assert (wrong == "") == (kind is other or (kind, other) == (CardKind.HMT, CardKind.RESIDENT))


@pytest.mark.parametrize("text", ["", "１２３", "19999919850314000x", "1" * 17, "1" * 19, "ABC", "\n" * 18])
def test_nonsense_is_no_number(text: str) -> None:
    assert all("form" in flaw(kind, text, BIRTH) for kind in KINDS)


# --- the person -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("张三", "张*"),
        ("张小三", "张*三"),
        ("欧阳娜娜", "欧*娜"),
        ("买买提·艾力", "买*力"),
        ("𠮷野家", "𠮷*家"),
        ("张", "*"),
        ("", ""),
        ("SAMPLE", "S*"),
        ("SAMPLE, JOHN", "S* J*"),
        ("SAMPLE, ANNA MARIA", "S* M*"),
        ("O'SAMPLE-TEST J", "O* J*"),
        ("X", "X*"),
    ],
)
def test_a_masked_name_is_first_and_last(name: str, seen: str) -> None:
    assert mask(name) == seen


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(1960, 5, 20), date(2020, 5, 19), 59),
        (date(1960, 5, 20), date(2020, 5, 20), 60),
        (date(1960, 12, 31), date(2021, 1, 1), 60),
        (date(2024, 1, 1), date(2024, 1, 1), 0),
        (date(1960, 2, 29), date(2020, 2, 28), 59),
        (date(1960, 2, 29), date(2020, 2, 29), 60),
        (date(1960, 2, 29), date(2021, 2, 28), 60),
        (date(1961, 2, 28), date(2021, 2, 28), 60),
        (date(1960, 2, 29), date(2025, 2, 28), 64),
        (date(1960, 2, 29), date(2025, 3, 1), 65),
    ],
)
def test_age_changes_on_the_birthday_and_on_1_march_for_the_29th(birth: date, day: date, age: int) -> None:
    assert Card(CardKind.RESIDENT, "张样本", birth, "").age_on(day) == age


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_a_person_shows_in_a_repr(kind: CardKind) -> None:
    text = person(kind)
    card = Card(kind, text.name or text.latin_name, BIRTH, text.number)
    for shown in (repr(card), str(card), f"{card}", repr([card, text]), repr(Private(chip.write(text)))):
        assert text.number not in shown and "1985" not in shown and "样" not in shown and "SAMPLE" not in shown
    assert kind.value in repr(card)
