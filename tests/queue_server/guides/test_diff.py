"""What differs between two versions, named so that a person finds it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from queue_server.guides.diff import differences, pieces
from queue_server.guides.model import Guide, Span


def test_the_same_is_no_difference(guide: Guide):
    assert differences(guide, guide.model_copy()) == []


def test_a_time_a_text_and_a_material_each_by_its_name(guide: Guide):
    contract = guide.materials[3].model_copy(update={"copies": 2})
    new = guide.model_copy(
        update={
            "promised": Span(number=2),
            "name": "社会保险参保登记（单位）",
            "materials": (*guide.materials[:3], contract, *guide.materials[4:]),
        }
    )
    found = {one.path: (one.old, one.new) for one in differences(guide, new)}
    assert found["promised.number"] == (3, 2)
    assert found["materials.劳动合同.copies"] == (1, 2)
    assert found["name"][1] == "社会保险参保登记（单位）"
    text = next(one for one in differences(guide, new) if one.path == "name")
    assert ("-", "用人") in text.pieces
    assert len(found) == 3


def test_a_material_that_went_and_one_that_came(guide: Guide):
    found = differences(guide, guide.model_copy(update={"materials": guide.materials[1:]}))
    assert [(one.path, one.new) for one in found] == [("materials.社会保险登记表", None)]


def test_another_order_is_said_and_two_of_one_name_are_both_seen(guide: Guide):
    turned = guide.model_copy(update={"materials": guide.materials[::-1]})
    assert [one.path for one in differences(guide, turned)] == ["materials (order)"]
    twice = guide.model_copy(update={"materials": (*guide.materials, guide.materials[0])})
    assert [one.path for one in differences(guide, twice)] == ["materials.社会保险登记表 (2)"]


@given(st.text("社保卡办理ab", max_size=30), st.text("社保卡办理ab", max_size=30))
def test_the_pieces_of_two_texts_make_both_again(old: str, new: str):
    found = pieces(old, new)
    assert "".join(text for sign, text in found if sign in "=-") == old
    assert "".join(text for sign, text in found if sign in "=+") == new
