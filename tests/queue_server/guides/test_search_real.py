"""The search over real titles keeps its promises; the figures themselves come from `./hall bench lookup`."""

import pytest

from tests.bench import lookup

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not lookup.DATA.is_dir(), reason=f"the real guides are not here: {lookup.DATA}"),
]


@pytest.fixture(scope="module")
def guides():
    return lookup.portal_guides()


def in_first_three(folder, entries, asked):
    _, three = lookup.rates(folder, entries, asked)["ours"]
    return three


def test_our_queries_find_their_guides_in_a_hall_of_300(tmp_path, guides):
    said = lookup.queries("tuned")
    entries = lookup.around([part for _, part in said], lookup.district_items(), guides)
    assert in_first_three(tmp_path, entries, lookup.meant(said, entries)) >= 0.97


def test_everyday_names_find_guides_that_do_not_carry_them(tmp_path, guides):
    assert in_first_three(tmp_path, guides, lookup.everyday(guides)) >= 0.93


def test_a_wrong_character_that_sounds_alike_does_no_harm(tmp_path, guides):
    assert in_first_three(tmp_path, guides, lookup.homophones(guides)) >= 0.97


def test_what_is_nobodys_business_is_seldom_sure(tmp_path, guides):
    assert lookup.sure(tmp_path, guides)["nothing"] <= 0.15
