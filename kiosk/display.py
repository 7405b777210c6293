"""The hall display: brings the hall's truth and the announcer's order to the hall screen.

An event shows a call at once, the board that follows it says what is true. Nothing here waits: what asks the server
runs in the follower's threads or in the background.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from babel.dates import format_date
from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from config import Kiosk
from devices.health import Health
from devices.roles import Voice
from devices.voice.calls import Call as Spoken
from kiosk.announcer import Announcement, Announcer
from kiosk.answers import Board, Call, Hall, Line, LineNow, Name, read_hall
from kiosk.client import Client, ServerAway, understand
from kiosk.follower import Event, Link
from kiosk.outputs import Outputs, PlacedSign
from kiosk.scope import Scope, listed
from kiosk.screens.hall import HallScreen, LineShown
from kiosk.screens.night import NightScreen
from kiosk.terminal import DATE_FORMS, RELEARN, Terminal
from kiosk.theme import Colour
from kiosk.widgets.hero import CallShown
from kiosk.widgets.night import Said

LONG, SHORT = 1920, 1080  # px; what the lengths in KV are meant for, lying or standing
LOOK = 0.1  # s between two looks at the announcer
GRACE = 3.0  # s away before the screen says so: a server that restarts is back by then
HALL_EVERY = 60.0  # s between two looks at the hall's settings and hours
HALL_AGAIN = 3.0  # s until the next try while the hall is not known
CALLS_REST = timedelta(minutes=30)  # after closing time the last call gives way to the hours


@dataclass(frozen=True)
class Doors:
    """Whether the hall gives numbers to nobody now because it is closed, and when it opens again."""

    closed: bool
    next_open: datetime | None


class Display(Terminal):
    """KV reads `unit`, `portrait` and `second`.

    `unit`: px of this screen for one of 1920 × 1080; `second`: the hall's second language, empty for none.
    """

    unit = NumericProperty(1.0)
    portrait = BooleanProperty(False)
    second = StringProperty("")

    def __init__(
        self,
        settings: Kiosk,
        client: Client,
        signs: Sequence[PlacedSign] = (),
        voice: tuple[str, Voice] | None = None,
        **how: Any,
    ) -> None:
        """`voice` comes with its name in reports."""
        super().__init__(settings, client, **how)
        own = settings.display
        self.scope = Scope(frozenset(own.zones), frozenset(own.windows))
        self.announcer = Announcer(own.call_seconds, self.scope)
        self.outputs = Outputs(signs, voice, client, own.machine, self.announcer.holds, self._show_devices)
        self._devices: Mapping[str, Health] = {}
        self.screen: Any = None  # what make_screen made
        self._doors = Doors(False, None)
        self._away_since: float | None = None
        self._stopped_at = ""  # the hall's time when we last knew the truth
        self._ask_hall_at = 0.0
        self._state: dict[str, Any] = {}

    # -- for KV ------------------------------------------------------------------------------------------------------

    def also(self, key: str, second: str) -> str:
        """A sentence in the hall's second language. KV passes `app.second` itself, so that a change says it anew."""
        return self.say(second, key) if second else ""

    # -- what happens ------------------------------------------------------------------------------------------------

    def show_hall(self, hall: Hall) -> None:
        """The hall's settings; they may differ from the last ones in anything."""
        first = self.hall is None
        super().show_hall(hall)
        self.second = hall.second_language
        self.announcer.zone_of = {window.no: window.zone for window in hall.windows}
        if first and self.board is not None:
            self.announcer.board(self.board)
        self._look()

    def show_board(self, board: Board) -> None:
        super().show_board(board)
        if self.hall is not None:  # which zone a window is in is not known before
            self.announcer.board(board)
            if not board.lines.keys() <= {line.id for line in self.hall.lines}:
                self._ask_hall_at = 0.0
        self._look()

    def show_event(self, event: Event) -> None:
        """Instead of the base's: the hall is asked with its hours, in `_ask_hall`."""
        if event.type in RELEARN:
            self._ask_hall_at = 0.0
        self.announcer.feed(event)
        self._look()

    def show_link(self, link: Link) -> None:
        """Instead of the base's: the hall is asked with its hours, in `_ask_hall`."""
        if link is Link.AWAY:
            self.announcer.lost()
            self._away_since, self._stopped_at = Clock.get_time(), self.time
        else:
            self._away_since, self._ask_hall_at = None, 0.0
        self.link = link.value
        self._look()

    def show_time(self, *_: Any) -> None:
        super().show_time()
        if self.screen:
            day = self.now().date()
            said = [str(format_date(day, DATE_FORMS[one], locale=one)) for one in ("zh", self.second) if one]
            self.screen.date, self.screen.time = Said(*said), self.time

    def account(self) -> dict[str, Any]:
        return {"screen": "hall", "lang": self.lang, "state": {**self._state, "server": self.link}}

    # -- the screen --------------------------------------------------------------------------------------------------

    def make_screen(self) -> NightScreen:
        return HallScreen(recent=self.settings.display.recent)

    def fill(self, calls: list[Call], announced: Announcement | None) -> dict[str, Any]:
        """Shows `calls`, newest first; what is told of it beside what every display tells."""
        screen = self.screen
        lines = self.lines()
        calls = listed(calls, self.settings.display.recent)
        screen.show_notice(self._notice())
        shown = [CallShown(call.number, call.window, self.line_name(call)) for call in calls]
        sentence = self.sentence(calls[0], announced) if calls else Said()
        screen.show_call(shown[0] if shown else None, sentence, announced.n if announced else 0)
        screen.show_recent(shown[1:])
        screen.show_lines([self._line_shown(line, now) for line, now in lines])
        if self.hall is not None:
            said = self.both("silent.hall") if self._silent() else Said()
            notices = [text for notice in self.hall.notices for text in self.texts(notice)]
            screen.notices = [text for text in (said.zh, said.also) if text] + notices
        return {
            "recent": [call.number for call in calls[1:]],
            "waiting": {line.id: now.waiting for line, now in lines} if self.board else None,
        }

    def _look(self, *_: Any) -> None:
        """Shows what is true and announced now. Ten times a second and after every news; mostly nothing changes."""
        screen, at = self.screen, Clock.get_time()
        if screen is None:
            return
        self._ask_hall(at)
        screen.stale = self._stale(at)
        announced = self.announcer.now(at)
        calls = self._standing(announced)
        self.outputs.show(calls, announced, self._sign_text, self._words)
        screen.trouble = self._trouble()
        if self.hall is not None:
            screen.hall_name = self._title(self.hall)
        self._state = {
            "current": {"number": calls[0].number, "window": calls[0].window} if calls else None,
            **self.fill(calls, announced),
            "stale": bool(screen.stale.zh),
            "devices": {name: health.value for name, health in self._devices.items()},
            "seq": self.board.seq if self.board else None,
        }

    def _title(self, hall: Hall) -> Said:
        """The hall's name, with the zones where the display is for some only."""
        zones = "、".join(sorted(self.scope.zones))
        if not zones:
            return self._name(hall.name)
        languages = ("zh", self.second) if self.second else ("zh",)
        return Said(*(self.say(one, "display.zone", hall=hall.name.in_language(one), zones=zones) for one in languages))

    def _standing(self, announced: Announcement | None) -> list[Call]:
        return [] if self._resting(announced) else list(self.announcer.calls)

    def sentence(self, call: Call, announced: Announcement | None) -> Said:
        again = announced is not None and announced.again
        return self.both("recall.screen" if again else "call.screen", number=call.number, window=call.window)

    def _notice(self) -> Said:
        """What stands in the big place when nobody is called."""
        if self.hall is None:
            return self.both("loading") if self._away_since is None else self.both("away.retry")
        if self._doors.closed and self._doors.next_open:
            return Said(*(self._closed(language) for language in ("zh", self.second) if language))
        return self.both("silent.hall" if self._silent() else "display.quiet")

    def _silent(self) -> bool:
        """Whether calls are shown and not spoken now."""
        now = self.now().time()
        return any(
            one.start <= now < one.end if one.start <= one.end else now >= one.start or now < one.end
            for one in self.settings.display.silent
        )

    def _closed(self, language: str) -> str:
        assert self._doors.next_open is not None
        opens = self._doors.next_open.astimezone(self.now().tzinfo)
        day = format_date(opens.date(), DATE_FORMS[language], locale=language)
        return self.say(language, "display.closed", next=f"{day} {opens:%H:%M}")

    def _resting(self, announced: Announcement | None) -> bool:
        """Whether the day is over: closed, nobody waits, and the last call is long ago."""
        if not self._doors.closed or announced is not None or self.board is None:
            return False
        last = max((call.at for call in self.announcer.calls), default=None)
        return not self._total() and (last is None or self.now() - last > CALLS_REST)

    def _stale(self, at: float) -> Said:
        if self._away_since is None or at < self._away_since + GRACE or self.board is None:
            return Said()
        return self.both("display.stale", time=self._stopped_at)

    # -- signs and voice ---------------------------------------------------------------------------------------------

    def _sign_text(self, call: Call) -> str:
        return self.say("zh", "call.screen", number=call.number, window=call.window)

    def _words(self, announced: Announcement) -> Spoken | None:
        """Nothing while the loudspeaker is to be silent."""
        if self._silent():
            return None
        key = "recall.voice" if announced.again else "call.voice"
        facts = {"number": announced.call.number, "window": announced.call.window}
        english = self.say("en", key, **facts) if self.second == "en" else ""
        return Spoken(self.say("zh", key, **facts), english, announced.again)

    def _show_devices(self, devices: Mapping[str, Health]) -> None:
        self._devices = dict(devices)
        self._look()

    def _trouble(self) -> str:
        """Which signs and voice do not work: for staff, small."""
        broken = sorted(name for name, health in self._devices.items() if not health.works)
        return self.say("zh", "display.trouble", names=" ".join(broken)) if broken else ""

    # -- the hall ----------------------------------------------------------------------------------------------------

    def _total(self) -> int:
        return sum(now.waiting for now in self.board.lines.values())

    def lines(self) -> list[tuple[Line, LineNow]]:
        """The lines the board has, with their names; of them those that are served here."""
        if self.hall is None or self.board is None:
            return []
        served = self.scope.lines(self.hall)
        here = [line for line in self.hall.lines if line.id in served and line.id in self.board.lines]
        return [(line, self.board.lines[line.id]) for line in here]

    def _line_shown(self, line: Line, now: LineNow) -> LineShown:
        wait = self.wait_text("zh", now.range, now.no_window)
        return LineShown(line.letter, self._name(line.name), now.waiting, wait)

    def line_name(self, call: Call | None) -> Said:
        """Nothing for a line that is no more: the call still holds."""
        if call is None:
            return Said()
        line = self.hall.line(call.line) if self.hall else None
        name = line.name if line else self.hall.past.get(call.line) if self.hall else None
        return self._name(name) if name else Said()

    def texts(self, name: Name) -> tuple[str, ...]:
        """Chinese, and the second language where it differs."""
        return (name.zh, name.en) if self.second and name.en else (name.zh,)

    def _name(self, name: Name) -> Said:
        return Said(*self.texts(name))

    def both(self, key: str, **facts: object) -> Said:
        return Said(*(self.say(language, key, **facts) for language in ("zh", self.second) if language))

    def _ask_hall(self, at: float) -> None:
        """Learns the hall again now and then: its hours pass, its settings may change."""
        if at >= self._ask_hall_at and self.link == Link.HERE:
            self._ask_hall_at = at + (HALL_EVERY if self.hall else HALL_AGAIN)
            self.background.run(lambda: ask_hall(self.client), lambda found: self._learn(*found), self._not_learned)

    def _not_learned(self, _error: Exception) -> None:
        self._ask_hall_at = min(self._ask_hall_at, Clock.get_time() + HALL_AGAIN)

    def _learn(self, hall: Hall, doors: Doors) -> None:
        self._doors = doors
        self.show_hall(hall)

    # -- Kivy --------------------------------------------------------------------------------------------------------

    def build(self) -> NightScreen:
        from kivy.core.window import Window

        self._fit(Window)
        Window.bind(size=self._fit)
        Window.clearcolor = Colour.night
        screen = self.screen = self.make_screen()
        screen.portrait = self.portrait
        self.bind(portrait=screen.setter("portrait"))
        return screen

    def _fit(self, window: Any, *_: Any) -> None:
        self.portrait = window.height > window.width
        wide, high = (SHORT, LONG) if self.portrait else (LONG, SHORT)
        self.unit = min(window.width / wide, window.height / high)

    def on_start(self) -> None:
        super().on_start()
        self.outputs.start()
        Clock.schedule_interval(self._look, LOOK)
        self.show_time()
        self._look()

    def on_stop(self) -> None:
        from kivy.core.window import Window

        Window.unbind(size=self._fit)
        Clock.unschedule(self._look)
        if self.screen:
            self.screen.stop()
        self.outputs.close()
        super().on_stop()


def ask_hall(client: Client) -> tuple[Hall, Doors]:
    """The hall and whether it is open. Raises ServerAway, Refused."""
    try:
        raw = understand(client.http.get(f"/halls/{client.hall_id}"))
    except httpx.HTTPError as error:
        raise ServerAway(str(error)) from error
    hours = raw.get("hours") or {}
    opens = hours.get("next_open")
    closed = hours.get("enforced", True) and not hours.get("open", True)
    return read_hall(raw), Doors(closed, datetime.fromisoformat(opens) if opens else None)
