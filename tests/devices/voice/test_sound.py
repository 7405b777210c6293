"""Sound in memory: WAVs, loudness, volume, the chime and the ear that counts it; espeak-ng gives real speech."""

from __future__ import annotations

import io
import math
import wave
from array import array
from pathlib import Path
from typing import cast

import pytest

from devices.errors import BadFrame, DeviceOffline, DeviceSilent, SetupError
from devices.voice import sound
from devices.voice.espeak import Espeak
from devices.voice.simulator import chimes, hear
from devices.voice.sound import RATE, Sound
from devices.voice.words import Language, spelled_en, spelled_zh, tokens
from tests.devices.voice.rigs import HANGS, program


def tone(pitch: float, seconds: float, amplitude: float) -> Sound:
    swing = (math.sin(math.tau * pitch * n / RATE) for n in range(round(seconds * RATE)))
    return sound.of_samples(array("h", [round(sound.FULL * amplitude * one) for one in swing]))


def wav_of(channels: int, width: int, rate: int) -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(1200))
    return data.getvalue()


def test_a_wav_comes_back_as_it_was() -> None:
    clip = tone(440, 0.1, 0.5)
    assert sound.read_wav(sound.to_wav(clip)) == clip
    assert clip.seconds == pytest.approx(0.1, abs=1e-4)


@pytest.mark.parametrize(("channels", "width", "rate"), [(2, 2, RATE), (1, 1, RATE), (1, 2, 16000)])
def test_another_kind_of_wav_is_refused_by_what_is_wrong(channels: int, width: int, rate: int) -> None:
    with pytest.raises(BadFrame, match=f"{channels} channels, {8 * width} bit, {rate} Hz"):
        sound.read_wav(wav_of(channels, width, rate))


@pytest.mark.parametrize("data", [b"", b"RIFF", b"not a WAV at all, but longer than its header" * 3])
def test_what_is_no_wav_is_refused(data: bytes) -> None:
    with pytest.raises(BadFrame, match="no WAV"):
        sound.read_wav(data)


def test_a_wav_cut_short_gives_what_is_there() -> None:
    clip = tone(440, 0.1, 0.5)
    assert sound.read_wav(sound.to_wav(clip)[:1001]).pcm == clip.pcm[: 1000 - 44]


def test_loudness_and_peak_of_a_tone_are_what_the_book_says() -> None:
    clip = tone(440, 1, 0.5)
    assert sound.peak(clip) == pytest.approx(-6.02, abs=0.05)
    assert sound.loudness(clip) == pytest.approx(-9.03, abs=0.05)
    assert sound.loudness(sound.joined((clip, sound.silence(3)))) == pytest.approx(-9.03, abs=0.2)
    assert sound.loudness(sound.silence(1)) == sound.peak(sound.silence(1)) == -math.inf


@pytest.mark.parametrize("amplitude", [0.02, 0.2, 1.0])
def test_levelling_brings_speech_to_one_loudness(amplitude: float) -> None:
    assert sound.loudness(sound.levelled(tone(300, 1, amplitude))) == pytest.approx(sound.SPEECH, abs=0.1)


def test_levelling_keeps_peaks_under_the_ceiling_and_silence_silent() -> None:
    click = sound.joined((tone(300, 1, 0.02), tone(300, 0.002, 1.0)))
    assert sound.peak(sound.levelled(click)) == pytest.approx(sound.CEILING, abs=0.05)
    assert sound.levelled(sound.silence(0.5)) == sound.silence(0.5)


def test_volume_is_quieter_step_by_step_down_to_nothing() -> None:
    clip = tone(300, 0.2, 0.9)
    assert sound.at_volume(clip, 100) == clip
    assert sound.peak(sound.at_volume(clip, 50)) == pytest.approx(sound.peak(clip) - 12.04, abs=0.05)
    assert sound.at_volume(clip, 0) == sound.silence(clip.seconds)
    peaks = [sound.peak(sound.at_volume(clip, volume)) for volume in range(0, 101, 10)]
    assert peaks == sorted(peaks)


def test_trimming_takes_silence_off_both_ends_and_not_out_of_the_middle() -> None:
    clip = sound.joined((sound.silence(1), tone(300, 0.2, 0.5), sound.silence(0.5), tone(300, 0.2, 0.5)))
    padded = sound.joined((clip, sound.silence(1)))
    assert sound.trimmed(padded).seconds == pytest.approx(0.9, abs=0.06)
    assert sound.trimmed(sound.silence(1)).seconds == 0


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_the_ear_counts_chimes(times: int) -> None:
    assert chimes(sound.chime(times)) == times


def test_a_chime_is_soft_and_does_not_click() -> None:
    chime = sound.chime(2)
    assert sound.peak(chime) < -10
    steps = [abs(after - before) for before, after in zip(chime.samples, chime.samples[1:], strict=False)]
    assert max(steps) < 0.07 * sound.FULL


# --- espeak-ng --------------------------------------------------------------------------------------------------------

SPEECH: list[tuple[str, Language, float, float]] = [
    ("请 A012 号到 3 号窗口办理。", "zh", 2.5, 6.5),
    ("请 A012 号转到 12 号窗口，接着办理。", "zh", 3, 8),
    ("Number A012, please go to Window 3.", "en", 2, 6),
]


@pytest.mark.parametrize(("text", "language", "shortest", "longest"), SPEECH)
def test_espeak_speaks_a_call(text: str, language: Language, shortest: float, longest: float) -> None:
    heard = hear(Espeak().say(tokens(text, language), language))
    assert shortest < heard.seconds < longest
    assert heard.loudness > -30
    assert heard.chimes == 0


@pytest.mark.parametrize("letter", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
def test_espeak_says_every_letter_and_digit(letter: str) -> None:
    for one, language in ((spelled_zh(letter), "zh"), (spelled_en(letter), "en")):
        clip = Espeak().say(tuple(one), cast(Language, language))
        assert 0.08 < clip.seconds < 1.5
        assert sound.loudness(clip) > -40


def test_speed_makes_it_shorter() -> None:
    said = tokens("请 A012 号到 3 号窗口办理。", "zh")
    assert Espeak(speed=220).say(said, "zh").seconds < 0.85 * Espeak(speed=120).say(said, "zh").seconds


@pytest.mark.parametrize("speed", [0, 79, 301])
def test_an_impossible_speed_is_refused(speed: int) -> None:
    with pytest.raises(SetupError, match="80 to 300"):
        Espeak(speed=speed)


def test_a_missing_espeak_says_what_to_install() -> None:
    with pytest.raises(SetupError, match="apt-get install --no-install-recommends espeak-ng"):
        Espeak("/nowhere/espeak-ng").say(tokens("请", "zh"), "zh")


def test_a_hanging_espeak_is_killed(tmp_path: Path) -> None:
    with pytest.raises(DeviceSilent, match="hangs"):
        Espeak(program(tmp_path, "espeak", HANGS), within=0.2).say(tokens("请", "zh"), "zh")


@pytest.mark.parametrize(
    ("script", "error"),
    [("echo no voice >&2; exit 1", DeviceOffline), ("exit 0", BadFrame), ("head -c 44 /dev/zero", BadFrame)],
)
def test_an_espeak_that_gives_no_sound_is_an_error(tmp_path: Path, script: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Espeak(program(tmp_path, "espeak", script)).say(tokens("请", "zh"), "zh")
