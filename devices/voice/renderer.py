"""Makes a call's sound: chime, then each language's sentence, from the voice pack or from espeak-ng."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast, get_args

from devices.errors import DeviceError, SetupError
from devices.simulation import did_you_mean
from devices.voice import pack as packs
from devices.voice import sound, words
from devices.voice.calls import Call
from devices.voice.espeak import Espeak
from devices.voice.pack import Pack
from devices.voice.sound import Sound
from devices.voice.words import LANGUAGES, Language, One

log = logging.getLogger(__name__)

AFTER_CHIME, BETWEEN = 0.2, 0.6  # seconds of silence after the chime, and between two languages
KEPT = 32  # sentences whose sound is kept, 7 MB: a recall costs nothing


@dataclass(frozen=True)
class Rendering:
    """A call's sound and its words, a line each. `lack` says why only the chime is there; empty if all is."""

    sound: Sound
    words: str
    lack: str = ""


class Renderer:
    """Options are driver.Speaker's. SetupError for what cannot be; a broken pack is only told (`flaw`)."""

    def __init__(self, *, pack: str, languages: Sequence[str], one: One, volume: int, speed: int, espeak: str) -> None:
        self.languages, self._one, self._volume = _languages(languages), one, volume
        if one not in get_args(One):
            raise SetupError(f'one = "{one}": write one of {", ".join(get_args(One))}')
        if not 0 <= volume <= 100:
            raise SetupError(f"volume = {volume}: write 0 to 100")
        self.flaw = ""
        self._pack = self._load(pack)
        self._espeak = Espeak(espeak, speed=speed)
        if self._pack is None and shutil.which(espeak) is None:
            self._espeak.version()  # raises the SetupError that says what to install
        self._kept = lru_cache(KEPT)(self._sentence)

    def render(self, call: Call) -> Rendering:
        """May take as long as a hanging espeak-ng is given; never raises."""
        chime, volume = sound.chime(call.chimes), min(100, round(self._volume * call.loudness))
        said = {language: call.text(language) for language in self.languages if call.text(language)}
        parts = [chime, sound.silence(AFTER_CHIME)]
        lines = [" ".join(["chime"] * call.chimes)]
        try:
            for number, (language, text) in enumerate(said.items()):
                parts += ([sound.silence(BETWEEN)] if number else []) + [self._kept(text, language)]
                lines.append(words.listed(words.tokens(text, language, self._one)))
        except DeviceError as error:
            return Rendering(sound.at_volume(chime, volume), f"{lines[0]}\n", f"only the chime: {error}")
        whole = sound.at_volume(sound.joined(parts), volume)
        return Rendering(whole, "".join(f"{line}\n" for line in lines))

    def stop(self) -> None:
        """Ends an espeak-ng that runs."""
        self._espeak.stop()

    def _sentence(self, text: str, language: Language) -> Sound:
        tokens = words.tokens(text, language, self._one)
        if not tokens:
            return Sound(b"")
        clips = self._pack and self._pack.say(tokens, language)
        return sound.levelled(clips or self._espeak.say(tokens, language))

    def _load(self, folder: str) -> Pack | None:
        if not folder:
            return None
        try:
            return packs.load(Path(folder))
        except SetupError as error:
            self.flaw = f"voice pack not used: {error}"
            log.error("%s", self.flaw)
            return None


def _languages(names: Sequence[str]) -> tuple[Language, ...]:
    for name in names:
        if name not in LANGUAGES:
            raise SetupError(f'languages: "{name}" is not spoken{did_you_mean(name, LANGUAGES)}')
    if isinstance(names, str) or not names or names[0] != "zh" or len(set(names)) < len(names):
        raise SetupError('languages: write ["zh"] or ["zh", "en"], Chinese first')
    return cast(tuple[Language, ...], tuple(names))
