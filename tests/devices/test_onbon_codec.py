"""The Onbon codec: the manual's bytes, every small value, one byte at a time, noise, and lies about lengths."""

from __future__ import annotations

import dataclasses
import random
import tracemalloc

import pytest

from devices.errors import BadFrame
from devices.onbon import codec
from devices.onbon.codec import Area, Decoder, Packet, Request, Status
from tests.devices.lines import mutated


def packets(data: bytes) -> list[Packet]:
    return list(Decoder().feed(data))


HEADER = "01 00 00 80 00 00 00 00 00 00 fe 02"
CAPTURED = {"line_spacing": 10, "run_mode": 1, "effect": 1, "speed": 0x17, "stay": 2, "x": 0, "width": 64, "height": 12}
TEMPER = Area(1, y=12, text="\\FO000TEMPER:21℃".encode("gbk"), **CAPTURED)
HUM = Area(1, y=24, text=b"\\FO000HUM:66%RH", **CAPTURED)
BLANK = Area(1, y=36, text=b"\\FO000  ", **CAPTURED)
VENDORS = Area(
    0, x=0, y=0, width=24, height=32, text=b"012345QRSTTV'B", single_line=2, wrap=2, effect=3, speed=4, stay=5
)

# --- bytes from the manual --------------------------------------------------------------------------------------------

MANUAL = [  # DEVICES 3.1: data length and data, CRC, what it says
    ("05 00 a2 00 01 00 00", "68 f8", Request(codec.PING)),
    ("05 00 a1 02 01 00 00", "2d 40", Request(codec.STATUS)),
    ("05 00 a3 10 01 00 00", "51 f8", Request(codec.CLEAR)),
    (
        "35 00 a3 06 02 00 00 00 01 2c 00 00 00 00 0c 00 40 00 0c 00 01 0a 01 02 00 00 00 00 01 01 01 00 17 02 11 00 00"
        " 00 5c 46 4f 30 30 30 54 45 4d 50 45 52 3a 32 31 a1 e6",
        "82 da",
        codec.show_areas([TEMPER], answer=codec.NO_ANSWER),
    ),
    (
        "33 00 a3 06 02 00 00 00 01 2a 00 00 00 00 18 00 40 00 0c 00 01 0a 01 02 00 00 00 00 01 01 01 00 17 02 0f 00 00"
        " 00 5c 46 4f 30 30 30 48 55 4d 3a 36 36 25 52 48",
        "36 7a",
        codec.show_areas([HUM], answer=codec.NO_ANSWER),
    ),
    (
        "2c 00 a3 06 02 00 00 00 01 23 00 00 00 00 24 00 40 00 0c 00 01 0a 01 02 00 00 00 00 01 01 01 00 17 02 08 00 00"
        " 00 5c 46 4f 30 30 30 20 20",
        "da f6",
        codec.show_areas([BLANK], answer=codec.NO_ANSWER),
    ),
    (
        "32 00 a3 06 01 2d 00 00 01 29 00 00 00 00 00 00 18 00 20 00 00 00 00 02 00 00 00 00 02 02 03 00 04 05 0e 00 00"
        " 00 30 31 32 33 34 35 51 52 53 54 54 56 27 42",
        "a8 7d",
        dataclasses.replace(codec.show_areas([VENDORS]), reserved=0x2D),
    ),
]


def sealed(data: str, crc: str) -> bytes:
    """The manual's bytes as they go over the line."""
    return b"\xa5" * 8 + codec.escape(bytes.fromhex(HEADER + data + crc)) + b"\x5a"


@pytest.mark.parametrize(("data", "crc", "request_"), MANUAL)
def test_frames_of_the_manual_both_ways(data: str, crc: str, request_: Request) -> None:
    assert codec.crc(bytes.fromhex(HEADER + data)).to_bytes(2, "little") == bytes.fromhex(crc)
    assert Packet(request_.to_bytes()).to_bytes() == sealed(data, crc)
    (packet,) = packets(sealed(data, crc))
    assert codec.read_request(packet.data) == request_
    assert (packet.receiver, packet.sender) == (1, codec.HOST)


@pytest.mark.parametrize(("index", "area"), [(3, TEMPER), (4, HUM), (5, BLANK), (6, VENDORS)])
def test_areas_of_the_manual(index: int, area: Area) -> None:
    (packet,) = packets(sealed(*MANUAL[index][:2]))
    assert codec.read_areas(codec.read_request(packet.data).rest) == ((), (area,))


def test_the_printed_frame_with_another_width_has_another_crc() -> None:
    data = MANUAL[6][0].replace("00 18 00 20", "00 80 00 20")
    assert data != MANUAL[6][0]
    assert codec.crc(bytes.fromhex(HEADER + data)).to_bytes(2, "little") == bytes.fromhex("bd 6f")
    assert packets(sealed(data, MANUAL[6][1])) == []


def test_the_check_is_arc_and_not_modbus() -> None:
    assert codec.crc(b"123456789") == 0xBB3D  # the catalogue's value; Modbus is 4B37


def test_escapes_of_the_manual() -> None:
    assert codec.escape(bytes.fromhex("a5 a6 5a 5b 00")).hex(" ") == "a6 02 a6 01 5b 02 5b 01 00"


# --- every value both ways --------------------------------------------------------------------------------------------


def test_every_byte_survives_escaping() -> None:
    every = bytes(range(256)) * 2 + bytes(reversed(range(256)))
    assert codec.unescape(codec.escape(every)) == every
    assert not {0xA5, 0x5A} & set(codec.escape(every))


def test_every_pair_after_an_escape_is_one_of_four_or_none() -> None:
    good = {escape: bytes((byte,)) for byte, escape in codec.ESCAPES.items()}
    for first in (0xA6, 0x5B):
        for second in range(256):
            pair = bytes((first, second))
            if pair in good:
                assert codec.unescape(pair) == good[pair]
            else:
                with pytest.raises(BadFrame):
                    codec.unescape(pair)
        with pytest.raises(BadFrame):
            codec.unescape(bytes((first,)))


def test_every_address_both_ways() -> None:
    for value in [*range(512), 0x5A5A, 0xA5A6, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF]:
        packet = Packet(b"\xa2\x00", value, 0xFFFF - value)
        assert packets(packet.to_bytes()) == [packet]


def test_every_byte_of_the_header_and_the_data_both_ways() -> None:
    for value in range(256):
        packet = Packet(bytes((value,)) * 3, device_type=value, version=value)
        assert packets(packet.to_bytes()) == [packet]
        request = Request(bytes((value, 255 - value)), bytes((value,)), value, value)
        assert codec.read_request(request.to_bytes()) == request
        status = Status(bool(value % 2), value, bytes((value,)), value)
        assert codec.read_status(status.to_bytes()) == status
        assert codec.refused(codec.done(value)) == (value or None)


SMALL = [
    field.name
    for field in dataclasses.fields(Area)
    if field.name not in ("x", "y", "width", "height", "text", "timeout")
]


@pytest.mark.parametrize("name", SMALL)
def test_every_value_of_every_small_field_of_an_area_both_ways(name: str) -> None:
    for value in range(256):
        area = dataclasses.replace(TEMPER, **{name: value})
        assert codec.read_areas(codec.show_areas([area]).rest) == ((), (area,))


@pytest.mark.parametrize("name", ["x", "y", "width", "height", "timeout"])
def test_every_wide_field_of_an_area_both_ways(name: str) -> None:
    for value in [*range(260), 0x7FFF, 0x8000, 0xFFFF]:
        area = dataclasses.replace(TEMPER, **{name: value})
        assert codec.read_areas(codec.show_areas([area]).rest) == ((), (area,))


@pytest.mark.parametrize("count", [0, 1, 2, 8])
@pytest.mark.parametrize("deleted", [(), (0,), (7, 3, 0xA5)])
def test_any_number_of_areas_both_ways(count: int, deleted: tuple[int, ...]) -> None:
    areas = tuple(dataclasses.replace(TEMPER, number=number, text=b"\xa5" * number) for number in range(count))
    assert codec.read_areas(codec.show_areas(areas, deleted).rest) == (deleted, areas)


# --- one byte at a time -----------------------------------------------------------------------------------------------

TALK = b"".join(sealed(data, crc) for data, crc, _ in MANUAL)


def test_a_talk_one_byte_at_a_time() -> None:
    decoder, slowly = Decoder(), []
    for byte in TALK:
        slowly += decoder.feed(bytes((byte,)))
    assert slowly == packets(TALK) and len(slowly) == len(MANUAL)
    assert decoder.unread == 0


def test_any_run_of_starts_will_do() -> None:
    whole = Packet(codec.done()).to_bytes()
    for run in (1, 2, 7, 30):
        assert packets(b"\xa5" * run + whole[8:]) == packets(whole)


# --- noise before a good frame ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_a_frame_after_noise_is_read(seed: int) -> None:
    rng = random.Random(seed)
    noise = bytes(rng.choice(b"\xa5\xa6\x5a\x5b\x01\x02\x00\xfe") for _ in range(300)) + rng.randbytes(50)
    assert packets(noise + TALK)[-len(MANUAL) :] == packets(TALK)


def test_every_changed_byte_costs_its_frame_only() -> None:
    whole, next_ = Packet(codec.done(), 0x8000, 1).to_bytes(), sealed(*MANUAL[0][:2])
    for place in range(8, len(whole) - 1):
        bad = bytearray(whole)
        bad[place] ^= 0x10
        assert packets(bytes(bad) + next_) == packets(next_)


def test_half_a_frame_hides_no_frame_behind_it() -> None:
    whole = sealed(*MANUAL[3][:2])
    for cut in range(len(whole)):
        assert packets(whole[:cut] + whole) == packets(whole)


# --- a far end that lies about a length -------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 4, 6, 0x85, 0xFFFF])
def test_a_header_that_lies_about_the_length_is_dropped(length: int) -> None:
    body = bytearray.fromhex(HEADER + "05 00 a2 00 01 00 00")
    body[12:14] = length.to_bytes(2, "little")
    sealed_lie = b"\xa5" + codec.escape(bytes(body) + codec.crc(bytes(body)).to_bytes(2, "little")) + b"\x5a"
    assert packets(sealed_lie + TALK) == packets(TALK)


def test_areas_that_lie_about_counts_and_lengths_are_refused() -> None:
    good = codec.show_areas([TEMPER, HUM], [5]).rest
    for place in (0, 2, 3, 4):  # ids to delete, areas, length of the first
        for value in range(256):
            lie = bytearray(good)
            lie[place] = value
            if bytes(lie) != good:
                with pytest.raises(BadFrame):
                    codec.read_areas(bytes(lie))
    for cut in range(len(good)):
        with pytest.raises(BadFrame):
            codec.read_areas(good[:cut])
    with pytest.raises(BadFrame):
        codec.read_areas(good + b"\0")


def test_an_area_that_speaks_is_not_read_wrongly() -> None:
    data = bytearray(codec.show_areas([TEMPER]).rest)
    for place in (4 + 14, 4 + 15):  # sound, parameters of its own
        loud = bytearray(data)
        loud[place] = 1
        with pytest.raises(BadFrame, match="sound"):
            codec.read_areas(bytes(loud))


@pytest.mark.parametrize("data", [b"", b"\xa2", b"\xa2\x00\x01\x00"])
def test_data_too_short_for_a_request_or_a_status(data: bytes) -> None:
    with pytest.raises(BadFrame):
        codec.read_request(data)
    with pytest.raises(BadFrame):
        codec.read_status(data)


def test_a_no_without_a_reason_is_still_a_no() -> None:
    assert codec.refused(codec.NOT_DONE) == 0
    assert codec.refused(codec.NOT_DONE + b"\x02") == 2
    assert codec.refused(codec.DONE) is None


# --- a million bytes --------------------------------------------------------------------------------------------------


def test_a_million_bytes_of_noise_and_broken_frames_neither_stop_nor_fill_the_decoder() -> None:
    rng = random.Random(5)
    frames = [sealed(data, crc) for data, crc, _ in MANUAL]
    decoder, good = Decoder(), 0
    tracemalloc.start()
    for data in mutated(frames, rng, 1_000_000):
        for packet in decoder.feed(data):
            assert len(packet.data) < codec.LONGEST
            good += 1
        assert decoder.unread <= codec.LONGEST
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000
    assert good > 100


def test_a_frame_that_never_ends_is_dropped() -> None:
    decoder = Decoder()
    assert list(decoder.feed(b"\xa5" + bytes(1_000_000))) == []
    assert decoder.unread == 0
    assert list(decoder.feed(TALK)) == packets(TALK)
