"""What stands over the screens: the question for help, "still there?", a wait. One at a time, most pressing first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from kiosk.places import Help, Paper, Place
from kiosk.widgets.overlay import Overlay


@dataclass(frozen=True)
class Question:
    """What an overlay shows. `title`, `text`, `yes` and `no` are keys of words; `*_id` are testids."""

    name: str = ""
    title: str = ""
    text: str = ""
    busy: bool = False
    yes: str = ""
    yes_id: str = ""
    no: str = ""
    no_id: str = ""

    def in_words(self, say: Callable[..., str], **facts: object) -> Question:
        """With the sentences themselves instead of their keys."""

        def words(key: str) -> str:
            return say(key, **facts) if key else ""

        said = words(self.title), words(self.text), words(self.yes), words(self.no)
        return replace(self, title=said[0], text=said[1], yes=said[2], no=said[3])


HELP: dict[Help, Question] = {
    Help.ASKED: Question("headset", "help.title", yes="help.yes", yes_id="help-yes", no="help.no", no_id="help-no"),
    Help.CALLING: Question(title="help.calling", busy=True),
    Help.COMING: Question("check-circle", "help.coming", yes="help.close", yes_id="help-close"),
    Help.FAILED: Question("info", "help.failed", yes="help.close", yes_id="help-close"),
}
LEAFLET: dict[Paper, Question] = {  # a paper that is no ticket
    Paper.PRINTING: Question(title="leaflet.printing", busy=True),
    Paper.PRINTED: Question("printer", "leaflet.printed", yes="help.close", yes_id="leaflet-close"),
    Paper.DOUBT: Question("question", "leaflet.doubt", yes="help.close", yes_id="leaflet-close"),
    Paper.OUT: Question("warning-circle", "leaflet.out", yes="help.close", yes_id="leaflet-close"),
    Paper.FAULT: Question("warning-circle", "leaflet.fault", yes="help.close", yes_id="leaflet-close"),
}
STILL_THERE = Question("hand-waving", "timeout.title", "timeout.left", yes="timeout.here", yes_id="here")
GETTING_NUMBER = Question(title="issue.running", busy=True)
LOOKING_UP = Question(title="find.running", busy=True)
WAITS: dict[Place, Question] = {Place.ISSUING: GETTING_NUMBER, Place.ASKING: LOOKING_UP}


class Cover:
    """Puts an overlay on a layer and takes it away; `answered(yes)` is called with what was touched."""

    def __init__(self, layer: Any, answered: Callable[[bool], None]) -> None:
        self._layer, self._answered = layer, answered
        self._overlay: Overlay | None = None

    def show(self, question: Question | None) -> None:
        """Shows a question in words; None shows none."""
        if question is None:
            if self._overlay:
                self._layer.remove_widget(self._overlay)
                self._overlay = None
            return
        if self._overlay is None:
            self._overlay = Overlay()
            self._overlay.bind(on_accept=lambda _: self._answered(True), on_decline=lambda _: self._answered(False))
            self._layer.add_widget(self._overlay)
        for name, value in asdict(question).items():
            setattr(self._overlay, name, value)
