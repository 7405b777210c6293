"""Words to sound with espeak-ng, which is there when no voice pack is.

Measured on 1.51: voice `cmn` reads Chinese characters as English letters and is of no use; `cmn-latn-pinyin` fed with
pinyin says them right, neutral tone 5 and third-tone sandhi included. A sentence takes about 15 ms.
"""

from __future__ import annotations

from devices.errors import BadFrame, SetupError
from devices.voice import sound
from devices.voice.program import Program
from devices.voice.sound import Sound
from devices.voice.words import Language, Token

VOICES: dict[Language, str] = {"zh": "cmn-latn-pinyin", "en": "en"}
SLOWEST, FASTEST = 80, 300  # words a minute
SHORTEST = 0.05  # seconds; less is no speech


class Espeak:
    """`speed` in words a minute; `within`: seconds until a hanging espeak-ng is killed."""

    def __init__(self, path: str = "espeak-ng", *, speed: int = 150, within: float = 3.0) -> None:
        if not SLOWEST <= speed <= FASTEST:
            raise SetupError(f"speed = {speed}: write {SLOWEST} to {FASTEST} (words a minute)")
        self._program, self._speed, self._within = Program(path, "espeak-ng"), speed, within

    def say(self, tokens: tuple[Token, ...], language: Language) -> Sound:
        """What Program.run raises, and BadFrame if no sound comes out."""
        options = ["-v", VOICES[language], "-s", str(self._speed), "-b", "1", "-z", "--stdin", "--stdout"]
        text = " ".join(token.sound for token in tokens)
        spoken = sound.trimmed(sound.read_wav(self._program.run(options, text.encode(), self._within)))
        if spoken.seconds < SHORTEST:
            raise BadFrame("espeak-ng gave no sound")
        return spoken

    def version(self) -> str:
        """Proof that it is installed; what Program.run raises."""
        return self._program.run(["--version"], b"", self._within).decode("utf-8", "replace").partition("  Data")[0]

    def stop(self) -> None:
        self._program.stop()
