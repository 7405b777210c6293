"""Voice packs: built, loaded, joined to every call there can be; and broken in every way."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import SetupError
from devices.voice import builder, sound
from devices.voice import pack as packs
from devices.voice.espeak import Espeak
from devices.voice.pack import GAP, PAUSE_GAP, Pack, key, load
from devices.voice.words import LANGUAGES, Language, One, tokens
from tests.devices.voice.rigs import program
from tests.devices.voice.test_sound import tone, wav_of

BLIP = tone(440, 0.1, 0.5)
BLIPS = Pack("blips", {language: dict.fromkeys(builder.vocabulary(language), BLIP) for language in LANGUAGES})


def small(folder: Path) -> Path:
    """A good pack of three clips."""
    (folder / "zh").mkdir(parents=True)
    clips = {}
    for number, word in enumerate(("请", "一", "百"), 1):
        clips[word] = f"zh/{number:04}.wav"
        (folder / clips[word]).write_bytes(sound.to_wav(tone(300 * number, 0.1 * number, 0.2 * number)))
    manifest = {"format": 1, "rate": 22050, "about": "three tones", "clips": {"zh": clips}}
    (folder / packs.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


# --- what a pack says -------------------------------------------------------------------------------------------------


@given(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", max_size=2),
    st.integers(0, 9999),
    st.integers(1, 9999),
    st.sampled_from(("yi", "yao")),
)
def test_the_vocabulary_covers_every_call(letters: str, number: int, window: int, one: One) -> None:
    texts: list[tuple[str, Language]] = [
        (f"请 {letters}{number:03} 号到 {window} 号窗口办理。", "zh"),
        (f"请 {letters}{number:03} 号转到 {window} 号窗口，接着办理。", "zh"),
        (f"大约还要等 {number} 到 {window} 分钟。", "zh"),
        (f"Number {letters}{number:03}, please go to Window {window}.", "en"),
        (f"Number {letters}{number:03}, please continue at Window {window}.", "en"),
        (f"About {number} to {window} minutes to wait.", "en"),
    ]
    for text, language in texts:
        assert BLIPS.say(tokens(text, language, one), language) is not None, text


def test_clips_are_joined_in_order_with_short_gaps_at_their_own_level(tmp_path: Path) -> None:
    pack = load(small(tmp_path))
    ask, one, hundred = (pack.clips["zh"][word].pcm for word in ("请", "一", "百"))
    gap, pause = sound.silence(GAP).pcm, sound.silence(PAUSE_GAP).pcm
    said = pack.say(tokens("请，100 号窗口请", "zh")[:3], "zh")
    assert said is not None
    assert said.pcm == ask + gap + pause + one + gap + hundred


def test_the_longest_clip_wins() -> None:
    short, long = tone(300, 0.1, 0.5), tone(300, 0.5, 0.5)
    pack = Pack("", {"zh": {"二": short, "十": short, "二十": long}, "en": {"twenty": short, "twenty one": long}})
    assert pack.say(tokens("20 号窗口", "zh")[:1], "zh") == long
    assert pack.say(tokens("Window 21", "en")[1:], "en") == long


def test_a_sentence_with_a_missing_word_is_not_for_this_pack(tmp_path: Path) -> None:
    pack = load(small(tmp_path))
    assert pack.say(tokens("请坐", "zh"), "zh") is None
    assert pack.say(tokens("Number 1", "en"), "en") is None


def test_english_letters_are_not_english_words() -> None:
    assert key("A", "en") == "A"
    assert key("please go to Window", "en") == "please go to window"
    assert key("twenty-one", "en") == "twenty one"


# --- building ---------------------------------------------------------------------------------------------------------


def test_a_built_pack_loads_and_speaks(built: Path) -> None:
    pack = load(built)
    assert "eSpeak" in pack.about
    for language in LANGUAGES:
        assert pack.clips[language].keys() == builder.vocabulary(language).keys()
        text = "请 A012 号到 123 号窗口办理。" if language == "zh" else "Number A012, please go to Window 123."
        said = pack.say(tokens(text, language), language)
        assert said is not None
        assert 3 < said.seconds < 10
        assert sound.loudness(said) > -30


def test_clips_of_a_built_pack_have_hardly_any_silence_at_their_ends(built: Path) -> None:
    for clips in load(built).clips.values():
        for word, clip in clips.items():
            assert clip.seconds - sound.trimmed(clip).seconds < 0.05, word


def test_building_replaces_a_pack_and_nothing_else(tmp_path: Path, built: Path) -> None:
    fast = Espeak(program(tmp_path, "espeak", f"cat {built}/zh/0001.wav"))
    old = small(tmp_path / "pack")
    assert builder.build(old, fast, lambda _: None) > 200
    assert load(old).about != "three tones"
    other = tmp_path / "photos"
    other.mkdir()
    (other / "one.png").write_bytes(b"picture")
    with pytest.raises(SetupError, match="something else"):
        builder.build(other, fast, lambda _: None)
    assert (other / "one.png").exists()


def test_a_build_that_fails_leaves_the_old_pack(tmp_path: Path) -> None:
    folder = small(tmp_path / "pack")
    with pytest.raises(SetupError):
        builder.build(folder, Espeak("/nowhere/espeak-ng"), lambda _: None)
    assert load(folder).about == "three tones"
    assert [one.name for one in tmp_path.iterdir()] == ["pack"]


# --- broken packs -----------------------------------------------------------------------------------------------------


def change(**fields: Any) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        file = folder / packs.MANIFEST
        data = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps({**data, **fields}), encoding="utf-8")

    return apply


def clip(data: bytes) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        (folder / "zh/0002.wav").write_bytes(data)

    return apply


def manifest(text: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        (folder / packs.MANIFEST).write_text(text, encoding="utf-8")

    return apply


BROKEN: list[tuple[Callable[[Path], None], str]] = [
    (lambda folder: (folder / packs.MANIFEST).unlink(), "pack.json: No such file"),
    (manifest("{"), "pack.json"),
    (manifest("[1]"), '"format": 1'),
    (manifest("\ud83d".encode("utf-8", "surrogatepass").decode("latin-1")), "pack.json"),
    (change(format=2), '"format": 1'),
    (change(rate=16000), '"rate": 22050'),
    (change(clips=None), '"clips" must hold'),
    (change(clips={}), '"clips" must hold'),
    (change(clips={"zh": ["请"]}), '"clips" must hold'),
    (change(clips={"fr": {}}), '"clips" must hold'),
    (change(clips={"zh": {"请": 7}}), "no file of the pack"),
    (change(clips={"zh": {"请": "../../../etc/passwd"}}), "no file of the pack"),
    (change(clips={"zh": {"请": "/etc/passwd"}}), "no file of the pack"),
    (change(clips={"zh": {"请": "zh/none.wav"}}), r'none.wav \("请"\): No such file'),
    (change(clips={"zh": {"请": "zh"}}), "directory"),
    (clip(b"noise"), r'0002.wav \("一"\): no WAV'),
    (clip(wav_of(2, 2, 22050)), "2 channels"),
    (clip(sound.to_wav(sound.silence(0.01))), "0.01 s long"),
    (clip(sound.to_wav(sound.silence(16))), "16.00 s long"),
    (clip(sound.to_wav(sound.silence(1))), "silent"),
]


@pytest.mark.parametrize(("breaks", "says"), BROKEN)
def test_a_broken_pack_says_what_is_wrong_with_which_file(
    tmp_path: Path, breaks: Callable[[Path], None], says: str
) -> None:
    folder = small(tmp_path / "pack")
    breaks(folder)
    with pytest.raises(SetupError, match=says):
        load(folder)


def test_a_pack_can_be_moved(tmp_path: Path) -> None:
    shutil.move(small(tmp_path / "one"), tmp_path / "two")
    assert -math.inf < sound.peak(load(tmp_path / "two").clips["zh"]["请"])
