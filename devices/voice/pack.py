"""A voice pack: a folder of recorded words, joined to sentences.

    pack.json      {"format": 1, "rate": 22050, "about": "whose voice, made with what",
                    "clips": {"zh": {"请": "zh/0001.wav", "A": …, "三": …}, "en": {"number": "en/0001.wav", …}}}
    zh/0001.wav    16-bit PCM, mono, 22050 Hz, one word or phrase, little silence at its ends

`python -m devices voice build` renders one with espeak-ng; any other voice may fill the same folder. Each word of a
sentence is looked up whole, else put together from the longest pieces there are: 一百二十三 from 一百 and 二十三, and
"twenty-three" from "twenty" and "three". English is looked up in small letters, but for letters of a ticket number.
A sentence with a word that cannot be put together is not for this pack: None, and espeak-ng says all of it, so that
two voices never share a sentence. Clips keep their levels against each other.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.errors import BadFrame, SetupError
from devices.voice import sound
from devices.voice.sound import RATE, Sound
from devices.voice.words import LANGUAGES, PAUSE, Language, Token

FORMAT = 1
MANIFEST = "pack.json"
SHORTEST, LONGEST = 0.03, 15.0  # seconds of a clip
GAP, PAUSE_GAP = 0.05, 0.25  # seconds of silence between two words, and where the sentence has a mark

Clips = Mapping[Language, Mapping[str, Sound]]


@dataclass(frozen=True)
class Pack:
    """All clips, in memory: about 5 MB."""

    about: str
    clips: Clips

    def say(self, tokens: tuple[Token, ...], language: Language) -> Sound | None:
        """None if a word is missing."""
        parts: list[Sound] = []
        for token in tokens:
            if token.word == PAUSE:
                parts.append(sound.silence(PAUSE_GAP))
                continue
            pieces = list(self._pieces(token.word, language))
            if not pieces:
                return None
            for piece in pieces:
                parts += (piece, sound.silence(GAP))
        return sound.joined(parts[:-1]) if parts else None

    def _pieces(self, word: str, language: Language) -> Iterator[Sound]:
        """Nothing at all if a piece is missing."""
        clips, whole = self.clips.get(language, {}), split(word, language)
        cuts = _longest(whole, clips, "" if language == "zh" else " ")
        if cuts is not None:
            yield from (clips[one] for one in cuts)


def split(word: str, language: Language) -> list[str]:
    """A word's smallest pieces: characters, English words in small letters, or one capital letter."""
    if language == "zh":
        return list(word)
    return [word] if re.fullmatch("[A-Z]", word) else re.split(r"[ -]", word.lower())


def key(word: str, language: Language) -> str:
    """What a word is called in the manifest."""
    return ("" if language == "zh" else " ").join(split(word, language))


def load(folder: Path) -> Pack:
    """SetupError, naming file and word, unless every clip of the manifest is there and sound."""
    about, words = _manifest(folder)
    clips: dict[Language, dict[str, Sound]] = {}
    for language in LANGUAGES:
        clips[language] = {word: _clip(folder, word, name) for word, name in words.get(language, {}).items()}
    return Pack(about, clips)


def _manifest(folder: Path) -> tuple[str, Mapping[Language, Mapping[str, Any]]]:
    file = folder / MANIFEST
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    if not isinstance(data, dict) or (data.get("format"), data.get("rate")) != (FORMAT, RATE):
        raise SetupError(f'{file}: must have "format": {FORMAT} and "rate": {RATE}')
    clips: Any = data.get("clips")
    good = isinstance(clips, dict) and clips and all(isinstance(words, dict) for words in clips.values())
    if not good or set(clips) - set(LANGUAGES):
        raise SetupError(f'{file}: "clips" must hold words and their files for {" or ".join(LANGUAGES)}')
    return str(data.get("about", "")), clips


def _clip(folder: Path, word: str, name: Any) -> Sound:
    file = folder / str(name)
    if not isinstance(name, str) or not file.resolve().is_relative_to(folder.resolve()):
        raise SetupError(f'{folder / MANIFEST}: "{word}": {name!r} is no file of the pack')
    try:
        clip = sound.read_wav(file.read_bytes())
    except (OSError, BadFrame) as error:
        raise SetupError(f'{file} ("{word}"): {getattr(error, "strerror", None) or error}') from error
    if not SHORTEST <= clip.seconds <= LONGEST:
        raise SetupError(f'{file} ("{word}"): {clip.seconds:.2f} s long; must be {SHORTEST} to {LONGEST:.0f} s')
    if sound.peak(clip) == -math.inf:
        raise SetupError(f'{file} ("{word}"): silent')
    return clip


def _longest(pieces: Sequence[str], clips: Mapping[str, Sound], glue: str) -> list[str] | None:
    """The pieces joined to as long keys as there are, from the left; None where one is missing."""
    keys: list[str] = []
    start = 0
    while start < len(pieces):
        ends = range(len(pieces), start, -1)
        end = next((end for end in ends if glue.join(pieces[start:end]) in clips), None)
        if end is None:
            return None
        keys.append(glue.join(pieces[start:end]))
        start = end
    return keys
