"""The SDT codec: the manual's bytes, every small value, one byte at a time, noise, and lies about lengths."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from devices.errors import BadFrame
from devices.sdt import chip, codec
from devices.sdt.codec import Answer, Command, Decoder
from devices.sdt.samples import person
from tests.devices.lines import mutated


def bodies(data: bytes) -> list[bytes]:
    return list(Decoder().feed(data))


def answer(data: bytes) -> Answer | None:
    (body,) = bodies(data)
    return codec.read_answer(body)


CARD = codec.card_data(chip.write(person()), bytes(range(256)) * 4)
READ = Answer(codec.OK, CARD)

# --- bytes from the manual --------------------------------------------------------------------------------------------

COMMANDS = [  # DEVICES 1.3
    ("10 ff", "aa aa aa 96 69 00 03 10 ff ec"),
    ("11 ff", "aa aa aa 96 69 00 03 11 ff ed"),
    ("12 ff", "aa aa aa 96 69 00 03 12 ff ee"),
    ("20 01", "aa aa aa 96 69 00 03 20 01 22"),
    ("20 02", "aa aa aa 96 69 00 03 20 02 21"),
    ("30 01", "aa aa aa 96 69 00 03 30 01 32"),
    ("30 10", "aa aa aa 96 69 00 03 30 10 23"),
    ("30 03", "aa aa aa 96 69 00 03 30 03 30"),
    ("60 00", "aa aa aa 96 69 00 03 60 00 63"),
    ("60 01", "aa aa aa 96 69 00 03 60 01 62"),
    ("60 02", "aa aa aa 96 69 00 03 60 02 61"),
    ("60 03", "aa aa aa 96 69 00 03 60 03 60"),
    ("60 04", "aa aa aa 96 69 00 03 60 04 67"),
]
ANSWERS = [  # DEVICES 1.4
    (Answer(0x90), "aa aa aa 96 69 00 04 00 00 90 94"),
    (Answer(0x9F, bytes(4)), "aa aa aa 96 69 00 08 00 00 9f 00 00 00 00 97"),
    (Answer(0x90, bytes(8)), "aa aa aa 96 69 00 0c 00 00 90 00 00 00 00 00 00 00 00 9c"),
    (Answer(0x80), "aa aa aa 96 69 00 04 00 00 80 84"),
    (Answer(0x81), "aa aa aa 96 69 00 04 00 00 81 85"),
    (Answer(0x41), "aa aa aa 96 69 00 04 00 00 41 45"),
    (Answer(0x60), "aa aa aa 96 69 00 04 00 00 60 64"),
    (Answer(0x91), "aa aa aa 96 69 00 04 00 00 91 95"),
]


@pytest.mark.parametrize(("code", "data"), COMMANDS)
def test_commands_of_the_manual(code: str, data: str) -> None:
    command = Command(bytes.fromhex(code))
    assert command.to_bytes() == bytes.fromhex(data)
    assert [codec.read_command(body) for body in bodies(bytes.fromhex(data))] == [command]


def test_a_command_with_data_and_one_without_a_parameter() -> None:
    dated = bytes.fromhex("aaaaaa9669000ddc00323031365f30335f3138de")
    assert Command(b"\xdc\x00", b"2016_03_18").to_bytes() == dated
    (sleep,) = bodies(bytes.fromhex("aaaaaa966900020002"))
    assert sleep == b"\x00" and codec.read_command(sleep) is None


@pytest.mark.parametrize(("said", "data"), ANSWERS)
def test_answers_of_the_manual(said: Answer, data: str) -> None:
    assert said.to_bytes() == bytes.fromhex(data)
    assert answer(bytes.fromhex(data)) == said


@pytest.mark.parametrize(
    ("fingerprints", "length", "total"),
    [(None, "0508", 1295), (0, "050a", 1297), (512, "070a", 1809), (1024, "090a", 2321)],
)
def test_the_answers_that_hold_a_card_have_the_manuals_sizes(fingerprints: int | None, length: str, total: int) -> None:
    fingers = None if fingerprints is None else bytes(fingerprints)
    data = Answer(codec.OK, codec.card_data(bytes(256), bytes(1024), fingers)).to_bytes()
    head = "aaaaaa9669" + length + "00009001000400" + ("" if fingerprints is None else f"{fingerprints:04x}")
    assert (data[: len(head) // 2].hex(), len(data)) == (head, total)
    assert answer(data) is not None


def test_our_own_command_sent_back_is_no_answer() -> None:
    (echo,) = bodies(Command(codec.FIND).to_bytes())
    assert codec.read_answer(echo) is None


# --- every value both ways --------------------------------------------------------------------------------------------


def test_every_status_byte_both_ways() -> None:
    for value in range(256):
        for said in (Answer(value), Answer(0x41, sw1=value), Answer(0x41, sw2=value), Answer(0x90, bytes((value,)))):
            assert answer(said.to_bytes()) == said
        assert Answer(value).words


def test_every_command_byte_both_ways() -> None:
    for value in range(256):
        for code in (bytes((value, 1)), bytes((0x20, value))):
            assert [codec.read_command(body) for body in bodies(Command(code).to_bytes())] == [Command(code)]


def test_every_length_up_to_the_longest_both_ways() -> None:
    # low bytes of 0x80 and more have tripped drivers that took them for negative numbers
    for size in [*range(1, 1030), codec.LONGEST - 1]:
        body = bytes(value % 251 for value in range(size))
        assert bodies(codec.frame(body)) == [body]


# --- one byte at a time -----------------------------------------------------------------------------------------------


def test_a_card_one_byte_at_a_time() -> None:
    data = Answer(codec.FOUND, bytes(4)).to_bytes() + READ.to_bytes() + Answer(codec.NO_CARD).to_bytes()
    decoder, slowly = Decoder(), []
    for byte in data:
        slowly += decoder.feed(bytes((byte,)))
    assert slowly == bodies(data) and len(slowly) == 3
    assert decoder.unread == 0


def test_a_card_cut_in_two_at_every_byte() -> None:
    data = READ.to_bytes()
    for cut in range(len(data)):
        decoder = Decoder()
        assert [*decoder.feed(data[:cut]), *decoder.feed(data[cut:])] == [data[7:-1]]


# --- noise before a good frame ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_a_frame_after_noise_is_read(seed: int) -> None:
    rng = random.Random(seed)
    noise = bytes(rng.choice(b"\xaa\x96\x69\x00\x04\xff") for _ in range(300)).replace(codec.PREAMBLE, b"")
    assert bodies(noise + READ.to_bytes())[-1] == READ.to_bytes()[7:-1]


@pytest.mark.parametrize("stray", range(1, 8))
def test_stray_bytes_before_the_preamble_do_no_harm(stray: int) -> None:
    assert answer(b"\xaa" * stray + Answer(0x90).to_bytes()) == Answer(0x90)


def test_a_preamble_with_a_byte_too_many_costs_its_frame_only() -> None:
    glitch = bytes.fromhex("aa00aaaa9669000c00009000000000 0000009c")
    assert bodies(glitch + Answer(0x80).to_bytes()) == [b"\0\0\x80"]


def test_a_wrong_check_costs_its_frame_only() -> None:
    data = Answer(0x90).to_bytes()
    for place in range(7, len(data)):
        bad = bytearray(data)
        bad[place] ^= 0x20
        assert bodies(bytes(bad) + Answer(0x9F, bytes(4)).to_bytes()) == [b"\0\0\x9f" + bytes(4)]


def test_half_a_frame_hides_no_frame_that_begins_inside_it() -> None:
    assert bodies(Command(codec.FIND).to_bytes()[:8] + Command(codec.STATE).to_bytes()) == [codec.STATE]


# --- a far end that lies about a length -------------------------------------------------------------------------------


def test_a_length_too_short_or_too_long_for_any_frame_is_noise() -> None:
    for length in (0, 1, codec.LONGEST + 1, 0xFFFF):
        lie = codec.PREAMBLE + length.to_bytes(2, "big")
        assert bodies(lie + Answer(0x90).to_bytes()) == [b"\0\0\x90"]


def test_a_length_that_is_never_met_holds_back_no_more_than_it_claims() -> None:
    decoder = Decoder()
    lie = codec.PREAMBLE + codec.LONGEST.to_bytes(2, "big")
    good = Answer(0x80).to_bytes()
    assert list(decoder.feed(lie + good)) == []
    seen = [body for _ in range(codec.LONGEST // len(good) + 1) for body in decoder.feed(good)]
    assert len(seen) == codec.LONGEST // len(good) + 2


@pytest.mark.parametrize("lie", ["0100 0401", "0101 0400", "0000 0000", "ffff ffff", "0400 0100"])
def test_lengths_inside_a_card_that_lie_are_refused(lie: str) -> None:
    with pytest.raises(BadFrame, match="size"):
        codec.card_text(bytes.fromhex(lie) + CARD[4:])
    for wrong in (CARD[:-1], CARD + b"\0", CARD[:4], b""):
        with pytest.raises(BadFrame, match="size"):
            codec.card_text(wrong)


def test_of_a_card_only_the_text_is_kept() -> None:
    assert codec.card_text(CARD) == chip.write(person())


# --- a million bytes --------------------------------------------------------------------------------------------------


def test_a_million_bytes_of_noise_and_broken_frames_neither_stop_nor_fill_the_decoder() -> None:
    rng = random.Random(20)
    frames = [
        READ.to_bytes(),
        *(bytes.fromhex(data) for _, data in COMMANDS),
        *(said.to_bytes() for said, _ in ANSWERS),
    ]
    decoder, good = Decoder(), 0
    tracemalloc.start()
    for data in mutated(frames, rng, 1_000_000):
        for body in decoder.feed(data):
            codec.read_answer(body)
            codec.read_command(body)
            good += 1
        assert decoder.unread <= codec.LONGEST + codec.HEAD
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000
    assert good > 100
    assert list(decoder.feed(bytes(3000) + Answer(0x90).to_bytes()))[-1] == b"\0\0\x90"
