"""The line to a far loudspeaker: frames as written, every size, byte by byte, noise, and lies about lengths."""

from __future__ import annotations

import random

import pytest

from devices.errors import BadFrame
from devices.voice import codec, sound
from devices.voice.codec import Answer, Ask, Decoder, Kind, Say, read_answer
from devices.voice.simulator import Simulator

CHIME = Say("chime\n请 A 零\n", sound.to_wav(sound.chime(1)))


def orders(data: bytes) -> list[Ask | Say]:
    return list(Decoder().feed(data))


def test_the_frames_are_these_bytes() -> None:
    assert codec.ASK == b"\n#voice ask\n"
    assert Say("请\n", b"RIFF").to_bytes() == b"\n#voice say 4 4\n\xe8\xaf\xb7\nRIFF"
    assert Answer("ok").to_bytes() == b"ok\n"
    assert Answer("away", "no sound device").to_bytes() == b"away no sound device\n"


@pytest.mark.parametrize("size", range(70))
def test_frames_of_every_small_size_come_back(size: int) -> None:
    frame = Say("x" * (size % 7), bytes(range(size)))
    assert orders(frame.to_bytes() + codec.ASK + frame.to_bytes()) == [frame, Ask(), frame]


@pytest.mark.parametrize("kind", ["ok", "away", "no"])
@pytest.mark.parametrize("reason", ["", "no sound device", "盘满了"])
def test_answers_come_back(kind: Kind, reason: str) -> None:
    assert read_answer(Answer(kind, reason).to_bytes()) == Answer(kind, reason)


def test_a_long_reason_stays_one_short_line() -> None:
    line = Answer("no", "x\n" * 500).to_bytes()
    assert line.count(b"\n") == 1 and len(line) <= codec.LONGEST_ANSWER


@pytest.mark.parametrize("line", [b"", b"\n", b"okay\n", b"\xff\xfe\x00"])
def test_any_other_answer_is_a_bad_frame(line: bytes) -> None:
    with pytest.raises(BadFrame):
        read_answer(line)


def test_one_byte_at_a_time() -> None:
    decoder = Decoder()
    data = codec.ASK + CHIME.to_bytes() + codec.ASK
    assert [order for byte in data for order in decoder.feed(bytes((byte,)))] == [Ask(), CHIME, Ask()]


@pytest.mark.parametrize("seed", range(50))
def test_noise_before_a_good_frame(seed: int) -> None:
    noise = random.Random(seed).randbytes(seed * 7)
    assert orders(noise + CHIME.to_bytes()) == [CHIME]


@pytest.mark.parametrize(
    "lie",
    [
        b"\n#voice say 9999 9999999\n",
        b"\n#voice say 3 99999\nabc",
        b"\n#voice say 10000 1\n",
        b"\n#voice say -1 5\n",
        b"\n#voice \n",
        b"\n#voice sing\n",
        b"\n#voice say 3",
        b"\n#voice " * 3,
        CHIME.to_bytes()[:-1],
        CHIME.to_bytes()[:5000],
    ],
)
def test_a_frame_that_lies_or_breaks_off_does_not_eat_the_next(lie: bytes) -> None:
    assert orders(lie + CHIME.to_bytes() + codec.ASK) == [CHIME, Ask()]
    decoder = Decoder()
    list(decoder.feed(lie))
    assert list(decoder.feed(CHIME.to_bytes())) == [CHIME]


def test_endless_noise_does_not_fill_the_memory() -> None:
    decoder, rng = Decoder(), random.Random(1)
    for _ in range(200):
        list(decoder.feed(rng.randbytes(5000)))
    assert len(decoder._kept) < 100


# --- the simulator ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "answer", "heard"),
    [
        ("state", b"ok\n", 1),
        ("device absent", b"away no sound device\n", 0),
        ("disk full", b"no No space left on device\n", 0),
        ("hangs on", b"", 0),
        ("dies on", b"away the player died\n", 1),
    ],
)
def test_the_simulator_answers_as_told(order: str, answer: bytes, heard: int) -> None:
    simulator = Simulator()
    simulator.tell(order)
    assert simulator.receive(CHIME.to_bytes()) == answer
    assert len(simulator.heard) == heard


def test_a_player_that_dies_is_heard_half() -> None:
    simulator = Simulator()
    simulator.tell("dies on")
    simulator.receive(CHIME.to_bytes())
    assert simulator.heard[0].seconds == pytest.approx(sound.chime(1).seconds / 2, abs=0.01)


def test_the_simulator_refuses_what_is_no_wav() -> None:
    assert Simulator().receive(Say("", b"noise").to_bytes()).startswith(b"no no WAV")
