"""A monkey at a terminal: any touch, key, card, fault and wait in any order, and the rules that hold whatever it does.

What it does is drawn from its seed. Threads take their own time, so a seed makes a fault likely again, not certain.
"""

import logging
import re
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta

from kivy.tests.common import UnitTestTouch
from kivy.uix.behaviors import ButtonBehavior

from kiosk.places import Help, Paper, Place

REMEMBERED = 20  # actions told when a rule is broken
ALONE_EVERY = 120  # touches after which it surely goes away once, and home must come
BUSY = 20.0  # s of real time a printer or a server may keep a screen
CHOOSING = {
    Place.HOME, Place.LINES, Place.ITEMS, Place.REFUSED, Place.LIST, Place.SEARCH, Place.GUIDE, Place.FACILITIES,
}  # fmt: skip
AT_REST = {Place.HOME, Place.ATTRACT}  # nobody's
# how much less it likes what is on every screen
FRAME = {"home": 0.3, "lang": 0.15, "size": 0.3, "help": 0.3, "back": 0.3}
CHOSEN_AT_HOME = {"shelf"}  # by whoever stands there now
NUMBER = re.compile(r"^[A-Z]\d{3}$")  # as a ticket has it
ESCAPE, F1, F4 = (27, 41, ""), (282, 58, ""), (285, 61, "")
ENTER, BACKSPACE, TAB = (13, 40, ""), (8, 42, ""), (9, 43, "")
KEYS = (ESCAPE, F1, F4, ENTER, BACKSPACE, TAB, (113, 20, "q"), (99, 6, "c"))
MODIFIERS = ([], ["alt"], ["ctrl"], ["meta"], ["alt", "ctrl"])
TEXTS = ("社保", "sb", "[b]", "&amp;", "𠮷", " ", "x" * 60)
CARDS = ("resident", "none", "none", "resident 1950-01-01", "resident 1990-01-01")


class Broken(AssertionError):
    """A rule was broken; its words hold the seed and what was done last."""


class Errors(logging.Handler):
    """Every record of an error, and every exception logged."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.found = []

    def emit(self, record):
        self.found.append(logging.Formatter("%(name)s: %(message)s").format(record))


@dataclass(frozen=True)
class Action:
    """Something the monkey does, so many times in a hundred; `touches` of them are touches."""

    do: Callable[["Monkey"], str]
    often: int


class Monkey:
    """Plays with a rig (tests/kiosk/ticket_rig.py, lookup_rig.py); `run(touches)` raises Broken."""

    def __init__(self, rig, rng, seed):
        self.rig, self.app, self.driver, self.rng, self.seed = rig, rig.app, rig.driver, rng, seed
        self.touches, self.done = 0, deque(maxlen=REMEMBERED)
        self.places, self._to_look_at = Counter(), True
        self.away = False
        self._held, self._alone_at = [], 0
        self._before, self._intents, self._keys = self.app.place, 0, set()
        self._masked = set()

    # -- the game ----------------------------------------------------------------------------------------------------

    def run(self, touches, tell=lambda _monkey: None):
        """Plays until so many touches are done."""
        errors, root = Errors(), logging.getLogger()
        root.addHandler(errors)
        self.app.bind(place=self._went)
        actions = [action for action in ACTIONS if action.often]
        weights = [action.often for action in actions]
        goal = self.touches + touches
        try:
            while self.touches < goal:
                self._do(self.rng.choices(actions, weights)[0].do, errors)
                if self.touches - self._alone_at >= ALONE_EVERY:
                    self._alone_at = self.touches
                    self._do(leave_alone, errors)
                    tell(self)
            self._do(put_right, errors)
            self._do(leave_alone, errors)
        finally:
            root.removeHandler(errors)
            self.app.unbind(place=self._went)

    def _do(self, action, errors):
        try:
            self.done.append(f"{self.app.place.value}: {action.__name__}")
            self.done[-1] += f" {action(self)}"
            self.driver.frames(1)
            self.look(errors)
        except AssertionError as error:
            last = "\n  ".join(self.done)
            raise Broken(f"{error}\nseed {self.seed}, after {self.touches} touches; the last:\n  {last}") from error

    # -- rules -------------------------------------------------------------------------------------------------------

    def look(self, errors):
        """What must hold after each action."""
        assert not errors.found, f"an error was logged: {errors.found[0]}"
        self._one_ticket_for_one_intent()
        if self.app.place not in AT_REST:
            self._to_look_at = False
        elif self._to_look_at and not self.app.screens.transition.is_active:  # the last screen has slid out
            self._to_look_at = False
            self._nothing_is_left()
        if not self._held:
            self._nothing_stays_down()
        self._remember_names()

    def _went(self, _app, place):
        """Every step of the journey, in the UI thread."""
        self.places[place] += 1
        if self._before in CHOOSING and place not in CHOOSING:
            self._intents += 1
        if place in AT_REST:
            self._to_look_at = True
        self._before = place

    def _one_ticket_for_one_intent(self):
        """A visit that chose once asks with one key, and a key has one ticket."""
        asked = {key for path, _, key in list(self.rig.server.posts) if path.endswith("/tickets")}
        new = asked - self._keys
        assert len(new) <= self._intents, f"{len(new)} keys for {self._intents} intents"
        numbers = [ticket["number"] for ticket in self.rig.server.tickets]
        assert len(numbers) == len(set(numbers)) == len(self.rig.server.by_key), "a key has two tickets"
        shown = self.app.visit.ticket
        assert shown is None or shown.number in numbers, f"{shown} was never given"
        if self.app.place in CHOOSING:  # nothing is under way: what was asked until now is settled
            self._keys, self._intents = asked, 0

    def _nothing_is_left(self):
        """At home, just reached: a fresh visit, and no word of the last one on the glass."""
        visit, fresh = self.app.visit, type(self.app.visit)()
        kept = {one.name: getattr(visit, one.name) for one in fields(visit) if one.name not in CHOSEN_AT_HOME}
        left = [name for name, value in kept.items() if value != getattr(fresh, name)]
        assert not left, f"the last visit left {left}"
        for text in self.driver.texts():
            assert not NUMBER.match(text.strip()), f"{text} is still on the glass"
            assert text not in self._masked, f"the name {text} is still on the glass"
        assert not getattr(getattr(self.app, "identity", None), "masked", ""), "a name is kept"
        assert not getattr(getattr(self.app, "typing", None), "words", ""), "what was typed is kept"

    def _remember_names(self):
        masked = getattr(getattr(self.app, "identity", None), "masked", "")
        if masked:
            self._masked.add(masked)

    def _nothing_stays_down(self):
        if any(one.state == "down" for one in self.buttons()):
            end = time.perf_counter() + 1.0  # Kivy keeps a quick touch's button down for 35 ms of real time
            while (down := [one for one in self.buttons() if one.state == "down"]) and time.perf_counter() < end:
                self.driver.advance(0.05)
            assert not down, f"{[getattr(one, 'testid', one) for one in down]} stays down"

    # -- for actions -------------------------------------------------------------------------------------------------

    def buttons(self):
        return self.driver.shown(ButtonBehavior)

    def point(self):
        """Most often something to touch, else anywhere on the glass."""
        rects = self.driver.rects()
        width, height = self.driver.window.size
        if rects and self.rng.random() < 0.85:
            names = sorted(rects)
            name = self.rng.choices(names, [FRAME.get(name, 1.0) for name in names])[0]
            x, y, wide, high = rects[name]
            return name, x + wide * self.rng.uniform(0.1, 0.9), height - y - high * self.rng.uniform(0.1, 0.9)
        x, y = self.rng.uniform(0, width - 1), self.rng.uniform(0, height - 1)
        return f"({x:.0f}, {y:.0f})", x, y

    def press(self, x, y):
        self.touches += 1
        touch = UnitTestTouch(x, y)
        touch.touch_down()
        return touch

    def lift_all(self):
        for touch in self._held:
            touch.touch_up()
        self._held = []

    def unplug_glass(self):
        """The end of what is held is never told."""
        self._held = []
        self.driver.advance(0.05)

    def hold(self, touch):
        self._held.append(touch)

    def busy(self):
        """Whether somebody else's time keeps the screen: a printer, the server."""
        app = self.app
        return app.place is Place.ISSUING or app.help is Help.CALLING or app.leaflet is Paper.PRINTING


# -- what it does: each returns what it was about -------------------------------------------------------------------


def tap(monkey):
    name, x, y = monkey.point()
    touch = monkey.press(x, y)
    if monkey.rng.random() < 0.5:
        monkey.driver.frames(1)
    touch.touch_up()
    return name


def tap_twice(monkey):
    """Two fingers, or one that trembles: both down before the first is up, or one after the other in a frame."""
    name, x, y = monkey.point()
    one = monkey.press(x, y)
    if monkey.rng.random() < 0.5:
        one.touch_up()
    other = monkey.press(x + 1, y)
    other.touch_up()
    if one.time_end < 0:
        one.touch_up()
    return name


def tap_two_places(monkey):
    (name, x, y), (other, x2, y2) = monkey.point(), monkey.point()
    touches = [monkey.press(x, y), monkey.press(x2, y2)]
    monkey.rng.shuffle(touches)
    for touch in touches:
        touch.touch_up()
    return f"{name} and {other}"


def drag(monkey):
    name, x, y = monkey.point()
    to, x2, y2 = monkey.point()
    touch = monkey.press(x, y)
    touch.touch_move(x2, y2)
    monkey.driver.frames(1)
    touch.touch_up()
    return f"{name} to {to}"


def hold(monkey):
    """A finger that stays, as a wet sleeve does; it is lifted some time later."""
    name, x, y = monkey.point()
    monkey.hold(monkey.press(x, y))
    return name


def lift(monkey):
    monkey.lift_all()
    return ""


def wait(monkey):
    seconds = monkey.rng.choice((0.3, 0.3, 0.3, 1, 5, 19, 45, 61))
    monkey.driver.advance(seconds)
    return seconds


def look_on(monkey):
    """Real time, for threads."""
    monkey.driver.run(0.02)
    return ""


def key(monkey):
    code, scan, letter = monkey.rng.choice(KEYS)
    held = monkey.rng.choice(MODIFIERS)
    monkey.driver.window.dispatch("on_key_down", code, scan, letter or None, held)
    monkey.driver.window.dispatch("on_key_up", code, scan)
    return f"{code} with {held}"


def text(monkey):
    words = monkey.rng.choice(TEXTS)
    monkey.driver.window.dispatch("on_textinput", words)
    return words


def close_window(monkey):
    assert monkey.driver.window.dispatch("on_request_close"), "the window would close"
    return ""


def card(monkey):
    reader = getattr(monkey.rig, "reader", None)
    words = monkey.rng.choice(CARDS)
    if reader:
        reader.tell(f"card {words}")
    return words


def reader_fault(monkey):
    reader = getattr(monkey.rig, "reader", None)
    order = monkey.rng.choice(("damaged 1", "damaged 0", "damaged 0", "silent off"))
    if reader:
        reader.tell(order)
    return order


def scan(monkey):
    """The code of a ticket somebody took: waiting, missed or served by now."""
    tickets = monkey.rig.server.tickets
    if not tickets:
        return "nothing"
    ticket = monkey.rng.choice(tickets)
    state = monkey.rng.choice(("waiting", "missed", "done"))
    until = (monkey.rig.server.now() + timedelta(minutes=10)).isoformat()
    ticket.update(state=state, return_until=until if state == "missed" else None)
    for character in ticket["url"]:
        monkey.driver.window.dispatch("on_textinput", character)
    monkey.driver.window.dispatch("on_key_down", *ENTER, [])
    return f"{ticket['number']}, {state}"


def printer_fault(monkey):
    order = monkey.rng.choice(("paper out", "paper ok", "paper ok", "cover open", "cover closed", "cover closed"))
    monkey.rig.cable.tell(order)
    return order


def server_gone(monkey):
    if monkey.away:
        return server_back(monkey)
    monkey.rig.server.stop()
    monkey.away = True
    return "gone"


def server_back(monkey):
    if monkey.away:
        monkey.rig.server.start()
        monkey.away = False
    return "back"


def server_mood(monkey):
    server = monkey.rig.server
    mood = monkey.rng.choice(("slow", "quick", "quick", "lost", "refuses", "refuses", "obliges", "obliges"))
    server.delay = {"slow": 0.2, "quick": 0.0}.get(mood, server.delay)
    server.refuse = {"refuses": "line_closed", "obliges": ""}.get(mood, server.refuse)
    server.lost_answers = 3 if mood == "lost" else 0
    return mood


def put_right(monkey):
    """Everything works again."""
    server_back(monkey)
    monkey.rig.server.delay, monkey.rig.server.refuse, monkey.rig.server.lost_answers = 0.0, "", 0
    for order in ("paper ok", "cover closed"):
        monkey.rig.cable.tell(order)
    monkey.lift_all()
    return ""


def leave_alone(monkey):
    """Nobody is there any more: home, in the hall's language and size, with nothing over it."""
    app, driver = monkey.app, monkey.driver
    monkey.lift_all() if monkey.rng.random() < 0.5 else monkey.unplug_glass()
    if reader := getattr(monkey.rig, "reader", None):
        reader.tell("card none")
        driver.run(0.15)  # … is seen to be gone, else a card just laid begins a visit
    patience = app.own.idle_home + app.own.idle_warning + 1
    end = time.perf_counter() + BUSY
    while True:
        driver.advance(patience)
        driver.advance(0.5)  # a look at the time-outs is due every quarter of a second
        at_home = app.place in AT_REST or (app.place is Place.EMPTY and app.snapshot is None)
        if at_home and app.help is Help.CLOSED and app.leaflet is Paper.NONE and app.lang == app.settings.language:
            break
        assert time.perf_counter() < end, f"{app.place.value} is never left; on the glass: {driver.texts()}"
        driver.run(0.05)
    assert not app.elder, "the size of the last visitor stays"
    assert app.k == 1.0
    driver.advance(0.5)  # the last screen slides out
    return ""


ACTIONS = (
    Action(tap, 60),
    Action(tap_twice, 7),
    Action(tap_two_places, 4),
    Action(drag, 3),
    Action(hold, 1),
    Action(lift, 2),
    Action(wait, 9),
    Action(look_on, 12),
    Action(key, 3),
    Action(text, 2),
    Action(close_window, 1),
    Action(card, 5),
    Action(scan, 2),
    Action(reader_fault, 2),
    Action(printer_fault, 3),
    Action(server_gone, 1),
    Action(server_back, 7),
    Action(server_mood, 3),
)
