"""The ESC/POS codec: the manual's bytes, every small value, one byte at a time, noise, and lies about lengths."""

from __future__ import annotations

import random
import tracemalloc
from itertools import product

import pytest

from devices.errors import BadFrame
from devices.escpos import codec
from devices.escpos.codec import Automatic, Command, Decoder, Noise, PaperStatus, RealTime, ReplyDecoder, Status
from devices.escpos.simulator import Simulator


def commands(data: bytes, strict: bool = True) -> list[Command]:
    return list(Decoder(strict).feed(data))


def replies(data: bytes) -> list[codec.Reply]:
    return list(ReplyDecoder().feed(data))


# --- bytes from the manual --------------------------------------------------------------------------------------------

MANUAL_STATES = [  # Epson, DLE EOT 1 to 4; DEVICES 2.3
    ("12 12 12 12", Status()),
    ("12 12 12 1e", Status(near_end=True)),
    ("1a 32 12 7e", Status(offline=True, paper_out=True, near_end=True)),
    ("1a 16 12 12", Status(offline=True, cover_open=True)),
    ("1a 12 12 12", Status(offline=True)),
    ("1a 52 1a 12", Status(offline=True, error=True, cutter_jammed=True)),
]


@pytest.mark.parametrize(("answers", "status"), MANUAL_STATES)
def test_states_of_the_manual_read_both_ways(answers: str, status: Status) -> None:
    by_n = dict(enumerate(bytes.fromhex(answers), 1))
    assert codec.read_status(by_n) == status
    assert codec.status_bytes(status) == by_n


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        ("00", PaperStatus(near_end=False, out=False)),
        ("03", PaperStatus(near_end=True, out=False)),
        ("0f", PaperStatus(near_end=True, out=True)),
        ("12", RealTime(0x12)),
        ("7e", RealTime(0x7E)),
        ("10 00 00 00", Automatic(bytes.fromhex("10000000"))),
        ("38 00 00 00", Automatic(bytes.fromhex("38000000"))),
        ("ff", Noise(0xFF)),
    ],
)
def test_answers_of_the_manual(data: str, reply: codec.Reply) -> None:
    assert replies(bytes.fromhex(data)) == [reply]


def test_flow_control_bytes_are_no_answer() -> None:
    assert replies(b"\x13\x11\x12\x13") == [RealTime(0x12)]


@pytest.mark.parametrize(
    ("data", "name", "arguments"),
    [
        ("1b 40", b"\x1b@", ""),
        ("1b 61 01", b"\x1ba", "01"),
        ("1d 21 77", b"\x1d!", "77"),
        ("1d 76 30 00 02 00 01 00 aa 55", b"\x1dv0", "00 02 00 01 00 aa 55"),
        ("1d 28 6b 03 00 31 43 06", b"\x1d(k", "03 00 31 43 06"),
        ("1d 56 42 00", b"\x1dV", "42 00"),
        ("1d 56 01", b"\x1dV", "01"),
        ("1d 72 01", b"\x1dr", "01"),
        ("10 04 04", b"\x10\x04", "04"),
    ],
)
def test_commands_of_the_manual(data: str, name: bytes, arguments: str) -> None:
    (command,) = commands(bytes.fromhex(data))
    assert (command.name, command.arguments) == (name, bytes.fromhex(arguments))
    assert command.raw == bytes.fromhex(data)


def test_chinese_is_two_or_four_bytes_in_kanji_mode_and_one_outside() -> None:
    text = "政𬱖A".encode("gb18030")
    assert [one.raw for one in commands(codec.KANJI_ON + text)[1:]] == [text[:2], text[2:6], b"A"]
    assert len(commands(text)) == len(text)


def test_code_of_the_rom() -> None:
    assert codec.rom_holds("政务·—", "gb2312")
    assert not codec.rom_holds("䶮", "gb2312")
    assert codec.rom_holds("镕", "gbk") and not codec.rom_holds("镕", "gb2312")
    assert codec.rom_holds("𠮷", "gb18030") and not codec.rom_holds("𠮷", "gbk")


# --- every value both ways --------------------------------------------------------------------------------------------


def test_every_byte_from_a_printer_is_told_apart() -> None:
    for byte in range(256):
        seen = replies(bytes((byte,)))
        if byte & 0x93 == 0x10 or byte in (0x11, 0x13):
            assert seen == []
        else:
            (reply,) = seen
            assert isinstance(reply, RealTime) == (byte & 0x93 == 0x12)
            assert isinstance(reply, PaperStatus) == (byte & 0x90 == 0 and (byte & 15) in (0, 3, 12, 15))


def test_every_state_survives_the_way_there_and_back() -> None:
    for values in product((False, True), repeat=6):
        cover, out, near, cutter, broken, error = values
        status = Status(any((cover, out, cutter, broken, error)), cover, out, near or out, cutter, broken, error)
        back = codec.read_status(codec.status_bytes(status))
        # a jammed cutter and a broken printer are errors too
        assert back == Status(*values_with_error(status))


def values_with_error(s: Status) -> tuple[bool, ...]:
    error = s.error or s.cutter_jammed or s.broken
    return s.offline, s.cover_open, s.paper_out, s.near_end, s.cutter_jammed, s.broken, error


def test_every_question_and_nothing_else() -> None:
    assert [codec.ask_status(n) for n in codec.ALL_STATUS] == [bytes((16, 4, n)) for n in (1, 2, 3, 4)]
    for n in (0, 5, 255):
        with pytest.raises(ValueError, match="n is 1 to 4"):
            codec.ask_status(n)


def test_an_answer_with_wrong_fixed_bits_is_refused() -> None:
    for bits in range(256):
        if bits & 0x93 != 0x12:
            with pytest.raises(BadFrame):
                codec.read_status({1: bits})


def test_every_feed_adds_up() -> None:
    for dots in range(1200):
        assert sum(command.arguments[0] for command in commands(codec.feed(dots))) == dots


def test_every_size_of_chinese() -> None:
    assert [codec.kanji_size(wide, high)[2] for wide, high in product((1, 2, 8), repeat=2)] == [
        0x00, 0x08, 0x08, 0x04, 0x0C, 0x0C, 0x04, 0x0C, 0x0C,
    ]  # fmt: skip


# --- one byte at a time -----------------------------------------------------------------------------------------------

JOB = (
    codec.INIT + codec.KANJI_ON + "政务𬱖 A012\n".encode("gb18030")
    + bytes.fromhex("1d763000 0200 0300") + b"\xaa\x55" * 3
    + bytes.fromhex("1d286b0600315030414243") + codec.ask_status(1) + b"\x1dV\x42\x00" + codec.TRANSMIT_PAPER
)  # fmt: skip


def test_a_job_one_byte_at_a_time() -> None:
    decoder, slowly = Decoder(strict=True), []
    for byte in JOB:
        slowly += decoder.feed(bytes((byte,)))
    assert slowly == commands(JOB)
    assert decoder.unread == 0
    assert b"".join(one.raw for one in slowly) == JOB


def test_answers_one_byte_at_a_time() -> None:
    data = bytes.fromhex("12 10 00 03 00 1e 03 38 00 00 00 00")
    decoder, slowly = ReplyDecoder(), []
    for byte in data:
        slowly += decoder.feed(bytes((byte,)))
    assert slowly == replies(data)
    assert [type(one) for one in slowly] == [RealTime, Automatic, RealTime, PaperStatus, Automatic, PaperStatus]


# --- noise before a good frame ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_resync_ends_whatever_was_left_half_sent(seed: int) -> None:
    rng = random.Random(seed)
    wide, tall = rng.randint(1, 72), rng.randint(1, 64)
    half = b"\x1dv0\0" + bytes((wide, 0, tall, 0)) + rng.randbytes(rng.randrange(wide * tall))
    decoder = Decoder()
    list(decoder.feed(half.replace(b"\x10", b"\x00")))
    seen = [one for one in decoder.feed(codec.resync(8 + wide * tall) + b"A\n") if one.raw.strip(b"\0")]
    assert [one.raw for one in seen[-3:]] == [codec.INIT, b"A", b"\n"]


@pytest.mark.parametrize("seed", range(20))
def test_an_answer_after_noise_is_still_read(seed: int) -> None:
    noise = random.Random(seed).randbytes(40)
    assert replies(noise + b"\x80\x1e")[-1] == RealTime(0x1E)


@pytest.mark.parametrize("seed", range(10))
def test_noise_neither_stops_nor_fills_the_printer(seed: int) -> None:
    rng = random.Random(seed)
    printer = Simulator()
    for _ in range(4):
        printer.receive(rng.randbytes(4096))
    printer.receive(codec.resync(codec.WIDEST * codec.TALLEST + 8))
    printer.receive(JOB)
    assert printer.tickets[-1].lines[-1] == "政务𬱖 A012"


# --- a far end that lies about a length -------------------------------------------------------------------------------


def test_a_raster_that_claims_four_gigabytes_is_no_raster() -> None:
    lie = b"\x1dv0\x00\xff\xff\xff\xff"
    with pytest.raises(BadFrame):
        commands(lie)
    assert commands(lie, strict=False)[0] == Command(codec.UNKNOWN, lie[:2])


def test_a_claim_that_is_too_short_leaves_the_rest_as_text() -> None:
    data = bytes.fromhex("1d763000 0100 0100 aa 41 42")
    assert [one.raw for one in commands(data)][1:] == [b"A", b"B"]


def test_a_claim_that_is_never_met_keeps_no_more_than_it_claims() -> None:
    decoder = Decoder()
    tracemalloc.start()
    assert list(decoder.feed(b"\x1d(k\xff\xff" + bytes(60000))) == []
    assert decoder.unread == 60005
    list(decoder.feed(bytes(5_000_000)))
    assert decoder.unread == 0
    tracemalloc.stop()


def test_unknown_commands_are_errors_only_where_that_is_asked_for() -> None:
    with pytest.raises(BadFrame, match="1b 7e 01"):
        commands(b"\x1b~\x01")
    assert [one.name for one in commands(b"\x1b~A", strict=False)] == [codec.UNKNOWN, codec.TEXT]


# --- pictures that look like commands ---------------------------------------------------------------------------------


def test_a_tame_picture_hides_no_real_time_command() -> None:
    rng = random.Random(7)
    wild = bytes(rng.choice(b"\x10\x04\x05\x14\x01\x02\x08\x00") for _ in range(20_000))
    assert codec.REAL_TIME.search(wild)
    tame = codec.tame(wild)
    assert not codec.REAL_TIME.search(tame)
    changed = [(a, b) for a, b in zip(wild, tame, strict=True) if a != b]
    assert changed and all((a, b) == (0x10, 0x18) for a, b in changed), "one dot more each, nothing else"
