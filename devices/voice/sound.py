"""Sound in memory: WAV in and out, the chime, silence, loudness; pure.

Everything is 16-bit PCM, mono, RATE samples a second, which is what espeak-ng gives: nothing is ever resampled.
Loudness is RMS over the frames in which something sounds, in dB below full scale, so that pauses do not count.
"""

from __future__ import annotations

import io
import math
import sys
import wave
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from operator import mul

from devices.errors import BadFrame

RATE = 22050
FULL = 32767
FRAME = RATE // 50  # samples of 20 ms
AUDIBLE = 10 ** (-45 / 20) * FULL  # RMS below which a frame is a pause
SPEECH, CEILING = -18.0, -1.0  # dBFS: loudness of speech, and the peak no sample may pass
DING, DONG = 659.26, 523.25  # Hz: E5, then C5
DING_SECONDS, DONG_SECONDS, BETWEEN_CHIMES = 0.45, 0.65, 0.25
ATTACK, RELEASE = 0.006, 0.03  # seconds without which a tone clicks
CHIME_PEAK = 0.28  # of full scale: soft beside the speech


@dataclass(frozen=True)
class Sound:
    """A stretch of sound; `pcm` is little-endian, as in a WAV."""

    pcm: bytes

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / RATE

    @property
    def samples(self) -> array[int]:
        values = array("h", self.pcm)
        if sys.byteorder == "big":
            values.byteswap()
        return values


def of_samples(values: array[int]) -> Sound:
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return Sound(values.tobytes())


def read_wav(data: bytes) -> Sound:
    """BadFrame unless it is a WAV of our kind. A length in the header that is too large, as on a pipe, is forgiven."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            kind = file.getnchannels(), file.getsampwidth() * 8, file.getframerate()
            pcm = file.readframes(len(data) // 2) if kind == (1, 16, RATE) else b""
    except (wave.Error, EOFError) as error:
        raise BadFrame(f"no WAV: {error or 'it ends too early'}") from error
    if kind != (1, 16, RATE):
        raise BadFrame(f"{kind[0]} channels, {kind[1]} bit, {kind[2]} Hz: must be 1 channel, 16 bit, {RATE} Hz")
    return Sound(pcm[: len(pcm) // 2 * 2])


def to_wav(sound: Sound) -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.pcm)
    return data.getvalue()


def silence(seconds: float) -> Sound:
    return Sound(bytes(2 * round(seconds * RATE)))


def joined(sounds: Iterable[Sound]) -> Sound:
    return Sound(b"".join(sound.pcm for sound in sounds))


def peak(sound: Sound) -> float:
    """dBFS of the largest sample; -inf for silence."""
    return _decibels(_largest(sound.samples))


def loudness(sound: Sound) -> float:
    """dBFS, RMS of the frames in which something sounds; -inf if there is none."""
    values, power, count = sound.samples, 0.0, 0
    for start in range(0, len(values), FRAME):
        frame = values[start : start + FRAME]
        energy = sum(map(mul, frame, frame))
        if energy > AUDIBLE**2 * len(frame):
            power, count = power + energy, count + len(frame)
    return _decibels(math.sqrt(power / count) if count else 0)


def levelled(sound: Sound) -> Sound:
    """At SPEECH loudness, or as near as CEILING allows. Silence stays silence."""
    now = loudness(sound)
    if now == -math.inf:
        return sound
    return _amplified(sound, 10 ** (min(SPEECH - now, CEILING - peak(sound)) / 20))


def at_volume(sound: Sound, volume: int) -> Sound:
    """100 as it is, 0 silent; between them by the square, as ears count: 50 is 12 dB less."""
    return sound if volume == 100 else _amplified(sound, (volume / 100) ** 2)


def trimmed(sound: Sound, keep: float = 0.01) -> Sound:
    """Without the silence at both ends, but for `keep` seconds."""
    values = sound.samples
    limit = AUDIBLE
    loud = [start for start in range(0, len(values), FRAME) if _largest(values[start : start + FRAME]) > limit]
    if not loud:
        return Sound(b"")
    edge = round(keep * RATE)
    return of_samples(values[max(0, loud[0] - edge) : loud[-1] + FRAME + edge])


@cache
def chime(times: int) -> Sound:
    """Two soft tones, `times` times."""
    once = joined((_tone(DING, DING_SECONDS), _tone(DONG, DONG_SECONDS)))
    return joined(part for n in range(times) for part in ((silence(BETWEEN_CHIMES), once) if n else (once,)))


def _tone(pitch: float, seconds: float) -> Sound:
    """A bell: the pitch and a little of its octave, dying away."""
    values = array("h")
    for n in range(round(seconds * RATE)):
        at = n / RATE
        edge = min(1.0, at / ATTACK, (seconds - at) / RELEASE)
        swing = math.sin(math.tau * pitch * at) + 0.15 * math.sin(2 * math.tau * pitch * at)
        values.append(round(FULL * CHIME_PEAK / 1.15 * swing * edge * math.exp(-3.5 * at / seconds)))
    return of_samples(values)


def _amplified(sound: Sound, factor: float) -> Sound:
    """The caller sees to it that no sample gets past full scale."""
    return of_samples(array("h", [int(one * factor) for one in sound.samples]))


def _largest(values: array[int]) -> int:
    return max(max(values), -min(values)) if values else 0


def _decibels(amplitude: float) -> float:
    return 20 * math.log10(amplitude / FULL) if amplitude else -math.inf
