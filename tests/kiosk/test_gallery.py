"""The gallery shows every place of both journeys, and what it writes is not blank."""

import pytest
from PIL import Image

from kiosk.flow import TICKET
from kiosk.lookup_flow import LOOKUP
from tests.gallery import __main__ as gallery
from tests.gallery import lookup, ticket

LOOKS = ("en-elder", "en", "zh-elder", "zh")  # as their files are sorted


@pytest.mark.parametrize(("journey", "scenes"), [(TICKET, ticket), (LOOKUP, lookup)], ids=["ticket", "lookup"])
def test_every_place_has_a_scene_or_a_reason(journey, scenes):
    pictured = {scene.place for scene in scenes.SCENES}
    assert pictured | set(scenes.NOT_PICTURED) == set(journey.screens)
    assert not pictured & set(scenes.NOT_PICTURED)


@pytest.mark.parametrize("scenes", [ticket, lookup], ids=["ticket", "lookup"])
def test_no_two_scenes_have_one_name(scenes):
    names = [scene.name for scene in scenes.SCENES]
    assert len(names) == len(set(names))


def test_three_scenes_are_written_with_a_page_that_names_them(tmp_path, capsys):
    scenes = ["ticket choice, reader", "ticket help?", "display closed"]
    assert gallery.main(["--out", str(tmp_path / "made"), *scenes]) == 0
    made = sorted((tmp_path / "made").glob("*.png"))
    assert [file.name for file in made] == [
        "display-closed-hall.png",
        "display-closed-small.png",
        *(f"ticket-{scene}-{look}.png" for scene in ("choice-reader-unplugged", "help") for look in LOOKS),
    ]
    for file in made:
        with Image.open(file) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 24)) > 50, f"{file.name} is blank"
    page = (tmp_path / "made" / "index.html").read_text("utf-8")
    assert all(file.name in page for file in made)
    assert "http" not in page, "it works offline"
    assert "4 of 4" in capsys.readouterr().out
