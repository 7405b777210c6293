"""Labels break Chinese as it is set, whatever Kivy would do."""

import pytest

from kiosk import theme
from kiosk.widgets.label import Label

STALE = "屏幕停在 00:29，正在恢复。您的次序不变，请听工作人员叫号。"


@pytest.fixture(autouse=True)
def fonts():
    theme.register_fonts()


def lines(text, width, **how):
    label = Label(text=text, font_size=40, text_size=(width, None), **how)
    label.texture_update()
    assert label.text == text
    return label._label.text.split("\n")


@pytest.mark.parametrize("width", range(420, 900, 60))
def test_no_line_begins_with_a_full_stop_and_each_is_used_up(width):
    found = lines(STALE, width)
    assert "".join(found).replace(" ", "") == STALE.replace(" ", "")
    assert not [line for line in found if line[0] in "，。"]
    assert len(found[0]) >= len(found[1]) - 3  # not broken at the first space there is


def test_a_number_stays_with_its_unit():
    assert not [line for line in lines("自用工之日起的三个月或者 30 天内，为职工申请。", 520) if line.endswith("30")]


def test_lines_of_ones_own_stay():
    assert lines("一行\n又一行", 900) == ["一行", "又一行"]


def test_what_has_no_width_or_is_cut_anyway_is_left_alone():
    assert lines(STALE, None) == [STALE]
    assert lines(STALE, 300, shorten=True) == [STALE]


@pytest.mark.parametrize("text", [STALE, "“社会保障”今天的号取完了", "不是您的，请拿起来再放一次，或者交给导办台。"])
@pytest.mark.parametrize("width", range(300, 900, 40))
def test_no_word_is_left_alone_on_the_last_line(text, width):
    found = lines(text, width)
    assert len(found) == 1 or len(found[-1]) >= 4
