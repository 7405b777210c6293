"""What ticket kiosk and hall display have in common: one window, the hall's truth, the clock, the words.

A terminal never waits in the UI thread: it shows its first frame, then the follower brings board after board. The
methods `show_*` are called in the UI thread.
"""

from __future__ import annotations

import logging
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from kivy.app import App
from kivy.base import ExceptionHandler, ExceptionManager
from kivy.clock import Clock
from kivy.properties import NumericProperty, ObjectProperty, StringProperty

from config import Kiosk
from devices.errors import DeviceError
from kiosk import ranges
from kiosk.answers import Board, Hall, Range
from kiosk.background import Background, on_ui
from kiosk.brand import Brand
from kiosk.client import AlreadyHeld, Client, Refused, ServerAway
from kiosk.dump import Dump
from kiosk.follower import Event, Follower, Link
from kiosk.i18n import Catalogue
from kiosk.kivy_setup import harden

log = logging.getLogger(__name__)

EXPECTED = (ServerAway, Refused, AlreadyHeld, DeviceError)  # what screens have words for
DATE_FORMS = {"zh": "M月d日 EEEE", "en": "EEE d MMM"}
RELEARN = ("settings.changed", "reset")  # events after which the hall may be another
LEARN_AGAIN = 2.0  # s until a hall that could not be fetched is asked for again
MOMENT_FORMS = {"zh": "M月d日 H:mm", "en": "d MMM, H:mm"}


class Steady(ExceptionHandler):
    """A fault in one callback is logged and the terminal goes on: a citizen never sees a traceback or a dead screen."""

    def handle_exception(self, inst: BaseException) -> Any:
        if not isinstance(inst, Exception):
            return ExceptionManager.RAISE
        if isinstance(inst, ReferenceError):  # KV holds widgets weakly: one that is gone was still to be told something
            log.info("a widget that is gone was told something: %s", inst)
            return ExceptionManager.PASS
        log.error("a screen failed and goes on", exc_info=inst)
        return ExceptionManager.PASS


class Terminal(App):
    """Base of both programs. KV reads its properties and calls `app.mm()` and `app.say()`.

    `wall` is the machine's clock (aware); what is shown is the server's time in the hall's zone.
    """

    lang = StringProperty("zh")
    link = StringProperty(Link.LOADING.value)
    time = StringProperty("")
    date = StringProperty("")
    hall = ObjectProperty(None, allownone=True)
    board = ObjectProperty(None, allownone=True)
    px_per_mm = NumericProperty(4.03)
    brand = ObjectProperty(Brand())

    def __init__(
        self,
        settings: Kiosk,
        client: Client,
        *,
        dump: Path | None = None,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        **properties: Any,
    ) -> None:
        super().__init__(**properties)
        self.settings, self.client, self._wall, self._dump_path = settings, client, wall, dump
        self.words = Catalogue()
        self.background = Background(EXPECTED)
        self.follower = Follower(client, _Ear(self), settings.stale_after)
        self.lang = settings.language
        self._offset = timedelta()
        self._ranges: dict[str, ranges.Shown] = {}
        self._steady = Steady()
        self._dump: Dump | None = None
        self._asked = 0
        self._running = True

    # -- for KV ------------------------------------------------------------------------------------------------------

    def mm(self, millimetres: float) -> float:
        """px on this terminal's glass."""
        return float(round(millimetres * self.px_per_mm))

    def say(self, language: str, key: str, **facts: object) -> str:
        """A sentence. KV passes `app.lang` itself, so that a change of language says it anew."""
        return self.words.say(language, key, **facts)

    def now(self) -> datetime:
        """The server's time in the hall's zone."""
        zone = zoneinfo.ZoneInfo(self.hall.time_zone) if self.hall else None
        return (self._wall() + self._offset).astimezone(zone)

    # -- what happens ------------------------------------------------------------------------------------------------

    def show_hall(self, hall: Hall) -> None:
        self.hall = hall
        if self.board is not None:
            self.board = self._steadied(self.board)
        self.show_time()

    def show_board(self, board: Board) -> None:
        """The board, its ranges steady for people who look again."""
        self._offset = board.at - self._wall()
        if self.board is not None and board.epoch != self.board.epoch:
            self._ranges = {}
        self.board = self._steadied(board)
        self.show_time()

    def show_event(self, event: Event) -> None:
        """An event came; the board that follows it says what is true. The hall is fetched again if it changed."""
        if event.type in RELEARN:
            self.client.forget_day_key()
            self.learn_hall()

    def _steadied(self, board: Board) -> Board:
        if self.hall is None:  # which windows serve a line is not known before
            return board
        self._ranges = ranges.steady_all(self._ranges, self.hall, board, Clock.get_time())
        return ranges.with_steady(board, self._ranges)

    def wait_text(self, language: str, span: Range | None, no_window: bool = False) -> str:
        """How long somebody who comes now will wait, in few words; empty if nobody can say."""
        if no_window:
            return self.say(language, "range.no_window")
        if span is None:
            return ""
        key = "range.soon" if span.high <= ranges.SOON else "range.minutes"
        return self.say(language, key, low=span.low, high=span.high)

    def learn_hall(self, *_: Any) -> None:
        """Fetches the hall; of several answers the one asked for last counts."""
        if not self._running:
            return
        self._asked += 1
        mine = self._asked
        self.background.run(
            self.client.hall,
            lambda hall: self.show_hall(hall) if mine == self._asked else None,
            lambda _error: Clock.schedule_once(self.learn_hall, LEARN_AGAIN) if mine == self._asked else None,
        )

    def show_link(self, link: Link) -> None:
        if link is Link.HERE:  # settings may have changed while we were away
            self.learn_hall()
        self.link = link.value

    def show_time(self, *_: Any) -> None:
        now = self.now()
        self.time = f"{now:%H:%M}"
        self.date = str(format_date(now.date(), DATE_FORMS[self.lang], locale=self.lang))

    def account(self) -> dict[str, Any]:
        """What `--dump` tells beside words and places: screen, lang and state."""
        return {"screen": "", "lang": self.lang, "state": {"server": self.link}}

    # -- Kivy --------------------------------------------------------------------------------------------------------

    def open_settings(self, *_: Any) -> bool:
        """F1 opens nothing."""
        return False

    def on_start(self) -> None:
        from kivy.core.window import Window

        harden(Window)
        ExceptionManager.add_handler(self._steady)
        self.bind(lang=self.show_time)
        Clock.schedule_interval(self.show_time, 1)
        if self._dump_path:
            self._dump = Dump(self._dump_path, Window, self.account)
        self.follower.start()

    def on_stop(self) -> None:
        if self._dump:
            self._dump.close()
        self._running = False
        self._asked += 1  # a hall that comes now comes too late
        Clock.unschedule(self.learn_hall)
        Clock.unschedule(self.show_time)
        ExceptionManager.remove_handler(self._steady)
        self.follower.stop()
        self.background.close()
        self.client.close()


class _Ear:
    """Hears the follower in its threads and says it again in the UI thread."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def board(self, board: Board) -> None:
        on_ui(self._terminal.show_board, board)

    def event(self, event: Event) -> None:
        on_ui(self._terminal.show_event, event)

    def link(self, link: Link) -> None:
        on_ui(self._terminal.show_link, link)


def moment_text(moment: datetime, language: str) -> str:
    """A day and a time, in words short enough for a sentence."""
    return str(format_datetime(moment, MOMENT_FORMS[language], tzinfo=moment.tzinfo, locale=language))
