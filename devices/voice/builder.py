"""Renders a voice pack from espeak-ng: every letter, digit and number, and the sentences of calls.

Made beside its place and moved there: a build cut short leaves the old pack as it was.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from devices.errors import SetupError
from devices.voice import numbers, sound
from devices.voice.espeak import Espeak
from devices.voice.pack import FORMAT, MANIFEST, key
from devices.voice.readings import LETTERS_ZH, numeral_zh
from devices.voice.words import LANGUAGES, PAUSE, Language, Token, spelled_en, spelled_zh, tokens

SENTENCES: dict[Language, tuple[str, ...]] = {  # call.voice, transfer.voice, range.sentence of the catalogues
    "zh": ("请 1 号到 1 号窗口办理。", "请 1 号转到 1 号窗口，接着办理。", "大约还要等 1 到 1 分钟。"),
    "en": (
        "Number 1, please go to Window 1.",
        "Number 1, please continue at Window 1.",
        "About 1 to 1 minutes to wait.",
    ),
}
ALPHABET = "".join(LETTERS_ZH)
HUNDREDS = [f"{digit}{unit}" for unit in "百千" for digit in numbers.DIGITS_ZH[1:]]
TEENS = [f"一十{digit}" for digit in ["", *numbers.DIGITS_ZH[1:]]]  # as in 一百一十三


def build(folder: Path, espeak: Espeak, tell: Callable[[str], None]) -> int:
    """The number of clips written. Replaces a pack that is there; SetupError if the folder holds anything else."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        raise SetupError(f"{folder} holds something else than a voice pack; name another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        part.chmod(0o755)  # mkdtemp's is for this user alone
        count = _fill(part, espeak, tell)
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count


def vocabulary(language: Language) -> dict[str, Token]:
    """Every clip's key and what is said in it."""
    said = [token for text in SENTENCES[language] for token in tokens(text, language)]
    said += _chinese() if language == "zh" else _english()
    return {key(token.word, language): token for token in said if token.word != PAUSE}


def _chinese() -> Iterable[Token]:
    yield from spelled_zh(ALPHABET + "01234567891")
    yield from spelled_zh("1", "yao")
    counted = [numbers.chinese(number) for number in range(10, 100)]
    for word in (*counted, *TEENS, *HUNDREDS):
        yield Token(word, numeral_zh(word))


def _english() -> Iterable[Token]:
    yield from spelled_en(ALPHABET + "0123456789")
    hundreds = [f"{digit} {unit}" for unit in ("hundred", "thousand") for digit in numbers.DIGITS_EN[1:]]
    for word in (*numbers.TEENS_EN, *numbers.TENS_EN[2:], *hundreds, "and"):
        yield Token(word, word)


def _fill(folder: Path, espeak: Espeak, tell: Callable[[str], None]) -> int:
    clips: dict[Language, dict[str, str]] = {}
    for language in LANGUAGES:
        (folder / language).mkdir()
        words, files = vocabulary(language), {}
        for number, (word, token) in enumerate(words.items(), 1):
            files[word] = f"{language}/{number:04}.wav"
            (folder / files[word]).write_bytes(sound.to_wav(espeak.say((token,), language)))
        clips[language] = files
        tell(f"{language}: {len(files)} clips")
    manifest = {"format": FORMAT, "rate": sound.RATE, "about": espeak.version(), "clips": clips}
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return sum(map(len, clips.values()))
