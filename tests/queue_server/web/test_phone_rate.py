"""After the service the phone asks how it was: five faces, one tap, thanks, and no second question."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from queue_server.domain.ratings import LEVELS
from queue_server.web.i18n import words
from tests.queue_server.helpers import HALL
from tests.queue_server.web.clerk import do, take
from tests.queue_server.web.conftest import Visit, faults, sideways
from tests.queue_server.web.holder import PHONES, WINDOW, Holder, hasty


def counted(served) -> dict[int, int]:
    with served.client("manager") as client:
        levels = client.get(f"/halls/{HALL}/ratings").json()["levels"]
    return {one["level"]: one["count"] for one in levels if one["count"]}


@pytest.mark.parametrize(("language", "phone"), [("zh", 0), ("en", 1)])
def test_one_tap_and_thanks(tmp_path: Path, visit: Visit, language: str, phone: int):
    with hasty(tmp_path) as served:
        mine = Holder(served, visit, take(served), language, viewport=PHONES[phone])
        card, thanks = mine.page.locator("#rate"), mine.page.locator("#rated")
        for action in ("next", "start"):
            expect(card).to_be_hidden()
            do(served, WINDOW, action)
        mine.at("serving")
        expect(card).to_be_hidden()
        do(served, WINDOW, "finish")
        mine.at("done")
        expect(card).to_be_visible()
        names = [getattr(name, language) for name in LEVELS.values()]
        assert card.get_by_role("button").all_inner_texts() == names
        assert faults(mine.page) == []
        assert sideways(mine.page) <= 0
        for button in card.get_by_role("button").all():
            assert button.bounding_box()["height"] >= 60  # type: ignore[index]
        card.get_by_role("button", name=names[1], exact=True).tap()
        expect(thanks).to_be_visible()
        expect(thanks).to_have_text(words("phone", language)["rate.thanks"])
        expect(card).to_be_hidden()
        assert counted(served) == {4: 1}
        mine.page.reload()
        mine.at("done")
        expect(thanks).to_be_visible()
        expect(card).to_be_hidden()


def test_a_lost_answer_is_asked_for_again_and_counts_once(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        mine, lost = Holder(served, visit, take(served)), []

        def lose_the_first(route: Route) -> None:
            if lost:
                route.continue_()
                return
            lost.append(route.fetch())
            route.abort()

        mine.page.route(re.compile("/rating$"), lose_the_first)
        for action in ("next", "start", "finish"):
            do(served, WINDOW, action)
        mine.at("done")
        mine.up()
        mine.page.locator("#rate button").last.tap()
        expect(mine.page.locator("#rated")).to_be_visible()
        assert counted(served) == {1: 1}


def test_somebody_elses_phone_rated_first(tmp_path: Path, visit: Visit):
    with hasty(tmp_path) as served:
        ticket = take(served)
        mine, other = Holder(served, visit, ticket), Holder(served, visit, ticket)
        for action in ("next", "start", "finish"):
            do(served, WINDOW, action)
        for one in (mine, other):
            one.at("done")
            one.up()
            one.page.locator("#rate button").first.tap()
            expect(one.page.locator("#rated")).to_be_visible()
        assert counted(served) == {5: 1}
