"""One text at a time is read aloud through the loudspeaker of this terminal, on demand or by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from devices.health import HealthReport, Watch
from devices.roles import Voice
from devices.voice.calls import Call
from kiosk.background import Background, on_ui
from kiosk.reports import DeviceReports

log = logging.getLogger(__name__)


class Aloud:
    """Reads one text at a time. `changed(reading)` is called in the UI thread."""

    def __init__(self, voice: Voice, reports: DeviceReports, changed: Callable[[bool], None]) -> None:
        self._voice, self._changed = voice, changed
        self._turn = 0  # which reading is the present one
        self._last: Call | None = None
        self._hands = Background(threads=1)  # ending what plays may take a moment
        self._watch = Watch(voice, lambda report: self._health(reports, report), name="voice")

    def start(self) -> None:
        self._watch.start()

    def read(self, text: str, language: str, loudness: float = 1.0) -> None:
        """Returns at once; what is being read ends first. `loudness` is of the voice's own volume."""
        try:
            call = Call(text, loudness=loudness) if language == "zh" else Call("", text, loudness=loudness)
        except ValueError:
            log.warning("a text is not read aloud: it holds a long number")
            return
        self._begin(call)

    def again(self, loudness: float) -> None:
        """The last text from its beginning, louder or softer."""
        if self._last:
            self._begin(replace(self._last, loudness=loudness))

    def _begin(self, call: Call) -> None:
        self._last = call
        self._turn += 1
        turn = self._turn
        self._changed(True)

        def begin() -> None:
            self._voice.close()
            self._voice.say(call, lambda _spoken: on_ui(self._ended, turn))

        self._hands.run(begin, lambda _none: None)

    def hush(self) -> None:
        """Ends what is being read."""
        self._turn += 1
        self._changed(False)
        self._hands.run(self._voice.close, lambda _none: None)

    def close(self) -> None:
        self._hands.close()
        self._watch.stop()
        self._voice.close()

    def _ended(self, turn: int) -> None:
        if turn == self._turn:
            self._changed(False)

    def _health(self, reports: DeviceReports, report: HealthReport) -> None:
        log.info("the voice is %s %s", report.state, report.detail)
        reports.health(report)
