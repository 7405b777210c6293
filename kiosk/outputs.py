"""What a call does beside the hall screen: signs show it and the voice speaks it, in the screen's order.

Nothing here holds a call up. A sign is shown a state: what it missed while it was away it never shows. The voice is
given one call after another, because it may need longer for one than the screen does; a call that was taken back in
the meantime is not spoken.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from devices.errors import DeviceError
from devices.health import Health, HealthReport, Watch
from devices.roles import CallSign, Device, Voice
from devices.voice.calls import Call as Spoken
from kiosk.announcer import Announcement
from kiosk.answers import Call
from kiosk.background import on_ui
from kiosk.client import Client
from kiosk.reports import DeviceReports, Reports

log = logging.getLogger(__name__)

LATE = 20  # calls that may wait to be spoken; the oldest has stood on the screen for minutes
FAREWELL = 1.0  # seconds the signs are given to become empty when the program ends


@dataclass(frozen=True)
class PlacedSign:
    """A sign, its name in reports and the windows whose calls it shows; no windows: all."""

    name: str
    sign: CallSign
    windows: frozenset[int] = frozenset()

    def calls(self, calls: Sequence[Call]) -> list[Call]:
        """Which of these (newest first) it shows, from its top line down."""
        return [call for call in calls if not self.windows or call.window in self.windows][: self.sign.lines]


@dataclass(frozen=True)
class Wanted:
    """The texts of a sign from its top line down, and the last announcement that was among them."""

    texts: tuple[str, ...]
    ring: int


class SignFeed:
    """Brings one sign to what it should show, in a thread of its own: only the newest state counts."""

    def __init__(self, sign: CallSign, failed: Callable[[], None]) -> None:
        self._sign, self._failed = sign, failed
        self._wanted: Wanted | None = None  # None until somebody says
        self._done: Wanted | None = None
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="sign", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def show(self, texts: tuple[str, ...], ring: int) -> None:
        """Returns at once. `ring` is the announcement among them, 0 for none: another one is shown anew."""
        with self._changed:
            self._wanted = Wanted(texts, ring or (self._wanted.ring if self._wanted else 0))
            self._changed.notify()

    def close(self) -> None:
        """Empties the sign, if it answers soon."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(FAREWELL)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._wanted != self._done)
                if self._ended:
                    break
                before, self._done = self._done, self._wanted
            self._send(before)
        self._tell(self._sign.clear)

    def _send(self, before: Wanted | None) -> None:
        """Every line is said: what fails now, the driver shows when a check finds the sign back."""
        texts = self._done.texts if self._done else ()
        if before is None or len(before.texts) > len(texts):
            self._tell(self._sign.clear)
        for area, text in enumerate(texts):
            self._tell(partial(self._sign.show, text, area))

    def _tell(self, say: Callable[[], None]) -> None:
        try:
            say()
        except DeviceError as error:
            log.info("a sign does not show it yet: %s", error)
            self._failed()
        except Exception:  # the other lines and the next calls are to be shown all the same
            log.exception("a sign failed")


class Speech:
    """Gives the voice one announcement after another. Lives in the UI thread.

    `holds(call)`: whether the call still stands when its turn comes.
    """

    def __init__(self, voice: Voice, holds: Callable[[Call], bool]) -> None:
        self._voice, self._holds = voice, holds
        self._waiting: deque[tuple[Call, Spoken]] = deque()
        self._speaking = False

    def announce(self, call: Call, words: Spoken) -> None:
        """Returns at once."""
        if len(self._waiting) >= LATE:
            log.warning("%s is not spoken: %d calls wait", self._waiting.popleft()[0].number, LATE)
        self._waiting.append((call, words))
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and not self._speaking:
            call, words = self._waiting.popleft()
            if self._holds(call):
                self._speaking = True
                self._voice.say(words, lambda _spoken: on_ui(self._spoken))

    def _spoken(self) -> None:
        self._speaking = False
        self._go_on()


class Outputs:
    """The signs and the voice of one hall display; `changed(name -> health)` is called in the UI thread."""

    def __init__(
        self,
        signs: Sequence[PlacedSign],
        voice: tuple[str, Voice] | None,
        client: Client,
        machine: str,
        holds: Callable[[Call], bool],
        changed: Callable[[Mapping[str, Health]], None],
    ) -> None:
        self._signs, self._voice = signs, voice
        self._client, self._machine, self._changed = client, machine, changed
        self._reports = Reports()
        self._health: dict[str, Health] = {}
        devices: list[tuple[str, Device]] = [(one.name, one.sign) for one in signs]
        self._watches = {name: self._watch(name, device) for name, device in [*devices, *([voice] if voice else [])]}
        self._feeds = [SignFeed(one.sign, self._watches[one.name].poke) for one in signs]
        self._speech = Speech(voice[1], holds) if voice else None
        self._told = 0  # the last announcement that was spoken

    def start(self) -> None:
        for feed in self._feeds:
            feed.start()
        for watch in self._watches.values():
            watch.start()

    def show(
        self,
        calls: Sequence[Call],
        announced: Announcement | None,
        text: Callable[[Call], str],
        words: Callable[[Announcement], Spoken | None],
    ) -> None:
        """What stands on the screen now; called again and again, only what changed goes out.

        `calls` newest first; `text` is what a sign shows of a call, `words` what the voice says of an
        announcement, None for nothing.
        """
        for placed, feed in zip(self._signs, self._feeds, strict=True):
            shown = placed.calls(calls)
            rung = announced.n if announced and announced.call in shown else 0
            feed.show(tuple(text(call) for call in shown), rung)
        if announced and announced.n > self._told:
            self._told = announced.n
            said = words(announced) if self._speech else None
            if self._speech and said:
                self._speech.announce(announced.call, said)

    def close(self) -> None:
        """The signs become empty, the voice falls silent."""
        for watch in self._watches.values():
            watch.stop()
        if self._voice:
            self._voice[1].close()
        for feed in self._feeds:
            feed.close()
        for placed in self._signs:
            placed.sign.close()
        self._reports.close()

    def _watch(self, name: str, device: Device) -> Watch:
        reports = DeviceReports(self._reports, self._client, self._machine, name)

        def told(report: HealthReport) -> None:
            log.info("%s is %s %s", name, report.state, report.detail)
            reports.health(report)
            on_ui(self._know, name, report.state)

        return Watch(device, told, name=name)

    def _know(self, name: str, state: Health) -> None:
        self._health[name] = state
        self._changed(self._health)
