"""What the ticket kiosk says aloud: in elder mode each place once, else on demand, as loud as somebody wants it."""

import re

import pytest

from devices.health import Health, HealthReport, utc_now
from kiosk.flow import TICKET
from kiosk.i18n import Catalogue
from kiosk.places import Happening, Paper, Place
from kiosk.prompts import SEEKING, VOICE
from kiosk.speaking import LOUDNESS
from tests.kiosk.test_finding import scan, taken
from tests.kiosk.test_screens import LANGUAGES


class Quiet:
    """A voice that speaks until it is ended; what it was asked to say is kept."""

    def __init__(self):
        self.said, self.loudness, self.over_itself, self._finished = [], [], False, None

    def say(self, call, finished):
        self.over_itself |= self._finished is not None
        self.said.append(call.chinese or call.english)
        self.loudness.append(call.loudness)
        self._finished = finished

    def close(self):
        if self._finished:
            self._finished(False)
            self._finished = None

    @property
    def silent(self):
        return self._finished is None

    def check(self):
        return HealthReport(Health.READY, "", utc_now())


def test_in_elder_mode_each_place_is_spoken_and_on_demand_in_any(rig):
    voice = Quiet()
    kiosk = rig(voice=voice)
    kiosk.driver.tap("voice")
    kiosk.driver.wait("a sentence", lambda: len(voice.said) == 1)
    kiosk.driver.tap("voice")  # ends it
    kiosk.driver.tap("size")
    kiosk.driver.wait("home", lambda: len(voice.said) == 2)
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.driver.wait("number and zone", lambda: len(voice.said) == 4)
    assert voice.said[1:] == [
        kiosk.app.say("zh", "voice.home"),
        kiosk.app.say("zh", "voice.items"),
        kiosk.app.say("zh", "voice.ticket", number="A001", zone="A"),
    ]


def test_whoever_goes_on_quickly_hears_one_sentence_at_a_time_and_then_the_last(rig):
    voice = Quiet()
    kiosk = rig(voice=voice)
    kiosk.driver.tap("size")
    for key, place in (("line-social", Place.ITEMS), ("back", Place.HOME), ("find", Place.FIND), ("back", Place.HOME)):
        kiosk.driver.wait(key, lambda key=key: key in kiosk.driver.rects())
        kiosk.driver.tap(key)
        kiosk.at(place)
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.driver.wait(
        "the ticket's", lambda: voice.said[-1] == kiosk.app.say("zh", "voice.ticket", number="A001", zone="A")
    )
    assert not voice.over_itself
    assert kiosk.app.reading


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_of_a_ticket_names_nobody(language):
    words = Catalogue()
    for spoken in (*VOICE.values(), *SEEKING.values()):
        assert set(re.findall(r"{(\w+)}", words.sentences[language][spoken])) <= {"number", "zone"}


def test_every_place_somebody_stays_at_has_its_sentence():
    waits = {Place.OPENING, Place.ISSUING, Place.ASKING, Place.READING}
    assert set(VOICE) == set(Place) & set(TICKET.screens) - waits - {Place.ATTRACT}


def test_without_a_voice_there_is_no_key_for_it(rig):
    assert "voice" not in rig().driver.rects()


@pytest.fixture
def voice():
    return Quiet()


@pytest.fixture
def kiosk(rig, voice):
    return rig(voice=voice)


def heard(kiosk, voice, count):
    """Waits until so many sentences were begun, and a little longer; the last of them."""
    kiosk.driver.wait("a sentence", lambda: len(voice.said) >= count)
    kiosk.driver.run(0.2)
    assert len(voice.said) == count
    return voice.said[-1]


def test_who_looks_for_a_ticket_hears_that_it_cannot_be_looked_up(kiosk, voice, server):
    kiosk.driver.tap("size")
    heard(kiosk, voice, 1)
    url = taken(server)["url"]
    server.stop()
    scan(kiosk, url)
    kiosk.at(Place.AWAY)
    assert heard(kiosk, voice, 2) == kiosk.app.say("zh", "voice.away.find")
    assert not kiosk.driver.says("取不了号")


def test_a_place_that_leads_on_at_once_is_spoken_of_once(kiosk, voice):
    kiosk.driver.tap("size")
    heard(kiosk, voice, 1)
    kiosk.app.place = Place.ITEMS
    kiosk.app.happen(Happening.ITEM)  # no item: taking a number leads on to the notice
    assert kiosk.app.place is Place.AWAY
    assert heard(kiosk, voice, 2) == kiosk.app.say("zh", "voice.away")
    assert kiosk.app.reading
    assert kiosk.app.screens.current == "notice"


def test_in_another_language_it_is_said_again_in_that(kiosk, voice):
    kiosk.driver.tap("size")
    heard(kiosk, voice, 1)
    kiosk.driver.tap("lang")
    assert heard(kiosk, voice, 2) == kiosk.app.say("en", "voice.home")
    assert not voice.over_itself


def test_large_words_are_spoken_even_while_something_is_read(kiosk, voice):
    kiosk.driver.tap("voice")
    heard(kiosk, voice, 1)
    kiosk.driver.tap("size")
    heard(kiosk, voice, 2)
    assert kiosk.app.reading


def test_louder_softer_and_as_it_was(kiosk, voice):
    kiosk.driver.tap("volume")  # says what there is to say, so that it can be heard how loud
    heard(kiosk, voice, 1)
    for count in (2, 3):
        kiosk.driver.tap("volume")
        heard(kiosk, voice, count)
    usual, louder, softer = LOUDNESS
    assert voice.loudness == [louder, softer, usual]
    assert not voice.over_itself


def test_the_next_one_hears_it_as_loud_as_the_hall_has_set(kiosk, voice):
    kiosk.driver.tap("volume")
    heard(kiosk, voice, 1)
    voice.close()
    kiosk.driver.wait("silence", lambda: not kiosk.app.reading)
    kiosk.driver.advance(81)
    kiosk.at(Place.ATTRACT)
    assert kiosk.app.volume == 0


def test_whoever_goes_away_is_not_spoken_to_any_more(kiosk, voice):
    kiosk.take()
    kiosk.at(Place.TICKET)
    kiosk.paper(Paper.PRINTED)
    kiosk.driver.tap("voice")
    heard(kiosk, voice, 1)
    kiosk.driver.advance(kiosk.app.own.ticket_seconds + 1)
    kiosk.at(Place.HOME)
    kiosk.driver.wait("silence", lambda: not kiosk.app.reading and voice.silent)
    assert len(voice.said) == 1


def test_wherever_a_happening_leads_the_screen_is_that_of_the_place(kiosk):
    app = kiosk.app
    for place, happening in TICKET.steps:
        app.place, app.visit.unfound = place, "find.none"
        app.happen(happening)
        assert TICKET.screens[app.place] in ("", app.screens.current), (place, happening)
