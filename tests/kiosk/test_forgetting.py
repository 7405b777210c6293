"""When a visit is over nothing of its citizen is left: in no object, on no screen, in no dump, in no log."""

import gc
import logging
import types
from datetime import date

import pytest

from devices.sdt.samples import person as sample
from kiosk.dump import Dump
from kiosk.places import Place
from kiosk.visit import Person


def first_name():
    """Made when it is asked for: a name that stood in a module would be found there."""
    return "".join(map(chr, (0x9A6C, 0x6837, 0x672C)))


def first_number():
    return sample(birth=date(1950, 2, 28), name=first_name()).number


class Recording(Dump):
    """Keeps all that was ever written."""

    written = []  # noqa: RUF012 - a fresh one for each test

    def _look(self, dt):
        super()._look(dt)
        self.written.append(self._path.read_text("utf-8"))


@pytest.fixture
def kiosk(rig, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("kiosk.terminal.Dump", Recording)
    monkeypatch.setattr(Recording, "written", [])
    made = rig(reader=True, dump=tmp_path / "shown.json")
    made.at_rest()
    return made


def visit(kiosk, name, birth, end):
    """A whole visit with a card, to its end; what the server was told of the person."""
    kiosk.lay(f"resident {birth} {name}")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.driver.wait("the card", lambda: kiosk.app.place in (Place.OFFER, Place.LINES))
    if kiosk.app.place is Place.OFFER:
        kiosk.at(Place.OFFER)
        kiosk.driver.tap("class-yes")
    kiosk.at(Place.LINES)
    kiosk.driver.tap("lang")
    kiosk.take()
    kiosk.at(Place.TICKET)
    told = dict(kiosk.posts("/tickets")[-1][1])
    kiosk.lay("none")
    kiosk.driver.wait("the card to be taken", lambda: not kiosk.app.identity.there)
    end(kiosk)
    kiosk.at(Place.HOME)
    kiosk.driver.run(0.3)
    return told


def done(kiosk):
    kiosk.driver.tap("done")


def home(kiosk):
    kiosk.driver.tap("home")


def time_out(kiosk):
    kiosk.driver.wait("the paper", lambda: kiosk.app.visit.paper == "printed", 20)
    kiosk.driver.advance(25)


@pytest.mark.parametrize("end", [done, home, time_out])
def test_of_the_first_citizen_nothing_is_left(kiosk, end):
    told = visit(kiosk, first_name(), "1950-02-28", end)
    secrets = {
        "name": first_name(),
        "mask": told.pop("masked_name"),
        "token": told.pop("card_token"),
        "number": first_number(),
    }
    forget_doubles(kiosk)
    assert not [one for one in gc.get_objects() if type(one) is Person]
    assert not holders(secrets)
    assert not any(secrets["mask"] in text for text in all_texts(kiosk))
    assert kiosk.app.account()["state"]["card"] == "none"

    visit(kiosk, "李样本", "1985-03-14", end)
    bodies = [body for _, body, _ in kiosk.posts("/tickets")]
    assert [body["masked_name"] for body in bodies] == ["李*本"]
    assert "class" not in bodies[0]


def test_a_paper_that_takes_long_holds_nobody_back(kiosk):
    kiosk.cable.tell("slow 60")
    visit(kiosk, first_name(), "1950-02-28", home)
    forget_doubles(kiosk)
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is Person]


def test_neither_dump_nor_log_ever_held_anything(kiosk, caplog):
    told = visit(kiosk, first_name(), "1950-02-28", done)
    outside = "\n".join([*Recording.written, caplog.text])
    assert '"card": "read"' in outside  # the dump was written while the card was known
    for secret in (first_name(), first_number(), told["card_token"], told["masked_name"], "19500228", "1950-02-28"):
        assert secret not in outside


def test_a_failed_reading_says_nothing_of_the_card(kiosk, caplog):
    kiosk.reader.tell("read_fails on")
    kiosk.lay(f"resident 1950-02-28 {first_name()}")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.at(Place.UNREADABLE)
    assert "no card was read" in caplog.text
    assert first_name() not in caplog.text


def test_an_unforeseen_fault_while_reading_says_nothing_of_the_card(kiosk, caplog, monkeypatch):
    def fails(*_):
        raise ValueError(f"{first_name()} 199999195002280012")

    monkeypatch.setattr("kiosk.identity.person", fails)
    kiosk.lay(f"resident 1950-02-28 {first_name()}")
    kiosk.at(Place.PRIVACY)
    kiosk.driver.tap("agree")
    kiosk.at(Place.NO_READER)
    assert "reading a card failed: ValueError" in caplog.text
    assert first_name() not in caplog.text


def forget_doubles(kiosk):
    """What the far ends know they may know: the server its requests, the reader's simulator nothing any more."""
    kiosk.server.posts.clear()
    kiosk.server.holders.clear()


def holders(secrets):
    """Every object that refers to text with a secret in it, but for those of this test."""
    own = set(map(id, secrets.values()))
    gc.collect()
    found = []
    for one in gc.get_objects():
        if type(one) in (types.FrameType, types.CodeType) or one is secrets:
            continue
        for referred in gc.get_referents(one):
            if id(referred) in own or not issubclass(type(referred), str | bytes | bytearray):
                continue
            text = referred if isinstance(referred, str) else bytes(referred).decode("utf-8", "ignore")
            found += [(name, type(one), text[:40]) for name, secret in secrets.items() if secret in text]
    return found


def all_texts(kiosk):
    """The text of every widget on every screen, shown or not."""
    for screen in kiosk.app.screens.screens:
        for widget in screen.walk():
            yield str(getattr(widget, "text", ""))
