"""The pieces screens are made of: what is thrown away is deaf."""

from kiosk.widgets.parts import Words


def words_of(tile):
    return next(one for one in tile.walk() if isinstance(one, Words) and one.text == tile.title)


def test_a_tile_that_was_thrown_away_hears_nothing_more(rig):
    kiosk = rig()
    home = kiosk.app.home
    before = home.ids.grid.children[0]
    words = words_of(before)
    home.fill(kiosk.app, kiosk.app.hall)
    assert before.parent is None
    before.title = "另一件事"
    kiosk.app.lang = "en"
    assert words.text != "另一件事"
