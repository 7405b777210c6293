"""What a touch terminal reads aloud, and how loud: as the citizen before it has chosen, until the next one."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty

from kiosk.aloud import Aloud
from kiosk.looks import Looks

LOUDNESS = (1.0, 1.25, 0.6)  # of what the hall has set: each touch is the next one


class Speaking(Looks):
    """KV reads the properties: `can_read` where there is a voice, `reading` while it speaks; `volume` is a place in
    LOUDNESS.
    """

    aloud: Aloud | None = None

    reading = BooleanProperty(False)
    can_read = BooleanProperty(False)
    volume = NumericProperty(0)

    def read(self, text: str) -> None:
        """Reads aloud in the language that is shown; while something is read, ends it."""
        if self.reading:
            self.hush()
        else:
            self.speak(text)

    def speak(self, text: str) -> None:
        """Reads this aloud; what is being read ends first. Empty: nothing is said anew."""
        if self.aloud and text:
            self.aloud.read(text, self.lang, LOUDNESS[int(self.volume)])

    def hush(self) -> None:
        """Ends what is being read."""
        if self.aloud and self.reading:
            self.aloud.hush()

    def other_volume(self) -> None:
        """The next loudness; what is being read begins again with it."""
        self.volume = (self.volume + 1) % len(LOUDNESS)
        if self.aloud and self.reading:
            self.aloud.again(LOUDNESS[int(self.volume)])
