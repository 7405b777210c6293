"""What must hold for every document, on both papers, in every way of printing it."""

from __future__ import annotations

from dataclasses import fields
from functools import cache

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from devices.errors import SetupError
from devices.escpos import codec, press
from devices.escpos.codec import Characters
from devices.escpos.eye import Ticket
from devices.escpos.press import Dialect
from devices.escpos.simulator import Simulator
from devices.paper import blocks, drawing
from devices.paper.blocks import Block, Code, Document, Number, Pair, Text
from devices.paper.looks import LOOKS
from devices.paper.wrap import balanced, columns, tidy, wrap
from tests.devices.samples import DOCUMENTS, LONG, RARE, URL, ticket

MM = (80, 58)


@cache
def printed(name: str, mm: int, way: press.Way, knows: Characters = "gb18030", dialect: Dialect = Dialect()) -> Ticket:
    return show(press.render(DOCUMENTS[name], mm, way, dialect), mm, knows)


def show(job: bytes, mm: int = 80, knows: Characters = "gb18030") -> Ticket:
    """What a printer that refuses unknown commands puts out."""
    printer = Simulator(width=mm, strict=True, characters=knows)
    printer.receive(job)
    (one,) = printer.tickets
    assert printer.unfinished.blank and printer.unfinished.idle
    return one


every = pytest.mark.parametrize(
    ("name", "mm", "way"), [(n, mm, way) for n in DOCUMENTS for mm in MM for way in press.WAYS]
)


@every
def test_the_machine_never_has_to_wrap_and_cuts_once(name: str, mm: int, way: press.Way) -> None:
    one = printed(name, mm, way)
    assert not one.wrapped and one.cut


@pytest.mark.parametrize(("mm", "way"), [(mm, way) for mm in MM for way in press.WAYS])
@pytest.mark.parametrize("native", [True, False])
def test_a_tired_phone_camera_reads_the_code(mm: int, way: press.Way, native: bool) -> None:
    picture = printed("ticket", mm, way, dialect=Dialect(native_qr=native)).picture.convert("L")
    for angle in (0, 7, 90, 183):
        turned = picture.rotate(angle, expand=True, fillcolor=250)
        small = turned.resize((turned.width * 6 // 10, turned.height * 6 // 10)).filter(ImageFilter.GaussianBlur(1.0))
        faded = small.point([90 + level * 130 // 255 for level in range(256)])
        assert [code.text for code in zxingcpp.read_barcodes(faded)] == [URL]


@every
def test_every_document_has_its_code(name: str, mm: int, way: press.Way) -> None:
    urls = [block.url for block in DOCUMENTS[name].blocks if isinstance(block, Code)]
    assert [code.text for code in zxingcpp.read_barcodes(printed(name, mm, way).picture)] == urls


@every
def test_no_job_hides_a_real_time_command(name: str, mm: int, way: press.Way) -> None:
    assert not codec.REAL_TIME.search(press.render(DOCUMENTS[name], mm, way))


@every
def test_no_command_is_longer_than_what_a_resync_can_end(name: str, mm: int, way: press.Way) -> None:
    assert codec.longest_command(press.render(DOCUMENTS[name], mm, way)) <= press.longest_command(mm, way)


@pytest.mark.parametrize("mm", MM)
def test_text_drops_no_word(mm: int) -> None:
    shown = "".join("".join(printed("bilingual", mm, "text").lines).split())
    for block in DOCUMENTS["bilingual"].blocks:
        for word in words(block):
            assert "".join(press.printable(word).split()) in shown


def words(block: Block) -> list[str]:
    names = [field.name for field in fields(block) if field.name not in ("size", "url")]
    return [value for name in names if isinstance(value := getattr(block, name), str)]


@pytest.mark.parametrize("way", ["text", "hybrid"])
@pytest.mark.parametrize("mm", MM)
def test_a_title_of_68_characters_survives(mm: int, way: press.Way) -> None:
    assert len(LONG) == 68
    assert LONG in "".join(printed("long", mm, way).lines)


@pytest.mark.parametrize("mm", MM)
def test_a_long_title_is_drawn_within_the_paper(mm: int) -> None:
    look = LOOKS[mm, "normal"]
    picture = drawing.draw(DOCUMENTS["long"], look).convert("L")
    ink = picture.point([255 - level for level in range(256)]).getbbox()
    assert ink is not None and ink[0] >= drawing.EDGE and ink[2] <= look.width - drawing.EDGE


@pytest.mark.parametrize("rom", ["gb2312", "gbk"])
@pytest.mark.parametrize("mm", MM)
def test_rare_characters_are_drawn_where_the_rom_has_none(mm: int, rom: Characters) -> None:
    assert not codec.rom_holds(RARE, rom)
    old = printed("rare reprint", mm, "text", knows=rom, dialect=Dialect(characters=rom))
    new = printed("rare reprint", mm, "text", dialect=Dialect(characters=rom))
    assert old.picture.tobytes() == new.picture.tobytes(), "no hollow box anywhere"
    assert any("补打" in line for line in old.lines), "the badge stays text, white on black"


def test_a_printer_that_knows_them_prints_rare_characters_itself() -> None:
    assert "𠮷䶮" in "".join(printed("rare reprint", 80, "text", dialect=Dialect(characters="gb18030")).lines)


def test_a_rare_character_costs_only_its_own_line() -> None:
    lines = printed("rare reprint", 80, "text").lines
    assert "近7天，10次里有8次在估计的时间内叫到" in lines
    assert not any("𠮷" in line for line in lines)


@pytest.mark.parametrize(
    "block", [Pair("收件人", "𠮷䶮"), blocks.Badge("补打 𠮷"), blocks.Foot("𠮷", "1"), Number("𠮷1")]
)
def test_rare_characters_in_any_block(block: Block) -> None:
    dialect = Dialect(characters="gb2312")
    job = press.render(Document((block,)), 80, "text", dialect)
    assert show(job, knows="gb2312").picture.tobytes() == show(job).picture.tobytes()


def test_older_firmware_is_told_the_size_of_chinese_too() -> None:
    job = press.render(DOCUMENTS["ticket"], 80, "text", Dialect(kanji_scale="fs"))
    assert b"\x1c!\x0c\x1d!\x11" in job
    assert b"\x1c!" not in press.render(DOCUMENTS["ticket"], 80, "text")


def test_a_small_multiplier_is_kept_to() -> None:
    job = press.render(DOCUMENTS["ticket"], 80, "text", Dialect(largest=2))
    sizes = [one.arguments[0] for one in codec.Decoder(strict=True).feed(job) if one.name == b"\x1d!"]
    assert max(size >> 4 for size in sizes) == 1


@pytest.mark.parametrize(("mm", "way"), [(mm, way) for mm in MM for way in press.WAYS])
def test_ink_stays_below_a_third(mm: int, way: press.Way) -> None:
    page = printed("rare reprint", mm, way).picture.convert("L")
    dark = sum(page.histogram()[:128])
    assert 0.02 < dark / (page.width * page.height) < 0.33


def test_elder_is_larger_and_compact_is_shorter() -> None:
    normal, compact = (
        len(drawing.draw(DOCUMENTS[n], LOOKS[80, DOCUMENTS[n].style]).tobytes()) for n in ("ticket", "compact")
    )
    assert compact * 2 < normal
    assert LOOKS[80, "elder"].body > LOOKS[80, "normal"].body


def test_every_block_can_be_printed_in_every_way() -> None:
    kinds = set(Block.__args__)
    assert set(drawing.DRAW) == set(press.PRINT) == kinds


def test_bytes_a_ticket_costs() -> None:
    sizes = {way: len(press.render(ticket(), 80, way)) for way in press.WAYS}
    assert sizes["text"] < 1_500 and sizes["hybrid"] < 6_000 and sizes["raster"] < 60_000


def test_a_document_without_end_is_refused() -> None:
    with pytest.raises(SetupError, match="mm long"):
        press.render(Document(tuple(Text("承诺") for _ in range(600))), 80, "raster")


WILD = b"\x10\x04\x01\xff" * (72 * 64 // 4)  # ink that reads as DLE EOT 1 again and again


@pytest.mark.parametrize("obeys", ["on", "off"])
def test_a_picture_full_of_commands_harms_no_printer(obeys: str) -> None:
    white = bytes(255 - byte for byte in WILD)
    job = press.Press(LOOKS[80, "normal"], Dialect(), "raster")
    job.picture(Image.frombytes("1", (576, 64), white))
    printer = Simulator(strict=True)
    printer.tell(f"raster_dle {obeys}")
    assert printer.receive(bytes(job.pen.output)) == b""
    assert printer.unfinished.height == 64


def test_printers_differ_in_what_they_make_of_a_picture_full_of_commands() -> None:
    raster = b"\x1dv0\0\x48\0\x40\0" + WILD
    for obeys, answers in (("on", len(WILD) // 4), ("off", 0)):
        printer = Simulator()
        printer.tell(f"raster_dle {obeys}")
        assert sum(len(printer.receive(bytes((byte,)))) for byte in raster) == answers
        assert (printer.unfinished.height == 64) == (obeys == "off"), (
            "three bytes lost each time: the picture never ends"
        )


# --- where lines break ------------------------------------------------------------------------------------------------


def test_marks_stay_with_their_words() -> None:
    for width in range(12, 60):
        for line in wrap("叫 3 次没来，算过号（15 分钟内回来）。Scan this, please!", width)[1:]:
            assert line[0] not in "，。）!,"


def test_a_number_stays_with_its_unit() -> None:
    assert wrap("大约还要等 12 分钟", 14) == ["大约还要等", "12 分钟"]


@pytest.mark.parametrize("cut", [wrap, tidy, balanced])
def test_no_line_is_wider_than_the_paper_and_nothing_is_lost(cut) -> None:  # type: ignore[no-untyped-def]
    text = LONG + "averyveryverylongwordthatfitsnowhere"
    for width in range(2, 80):
        lines = cut(text, width)
        assert all(columns(line) <= width for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_centred_lines_are_of_similar_length() -> None:
    assert balanced("临江市政务服务中心", 16) == ["临江市政务", "服务中心"]
