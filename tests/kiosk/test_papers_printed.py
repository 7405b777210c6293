"""Tickets as the simulated printer puts them out: nothing leaves the paper, the code is read, the number is largest."""

from dataclasses import replace

import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.escpos import codec, press
from devices.escpos.driver import EscposPrinter
from devices.escpos.simulator import Simulator
from devices.paper import blocks as b
from devices.paper.drawing import draw, qr_picture
from devices.paper.looks import LOOKS, WIDTHS
from devices.simulation import Cable
from kiosk import papers
from kiosk.answers import Item, Kept, Name, Range
from kiosk.paper_template import OPTIONS, REQUIRED, Template
from tests.kiosk.tickets import AT, WORDS, a_ticket

MM = tuple(WIDTHS)
STYLES = ("normal", "elder")
ITEM = (
    "建设工程规划许可证核发（建筑类）（加建、改建、扩建建筑工程《建设工程规划许可证》核发—普通加建、改建、扩建"
    "（含改变建筑物使用性质）、重新核发）"
)[:68]
ITEM_EN = (
    "Planning permit for construction projects (buildings): additions, conversions, extensions, change of use, re-issue"
)
RARE = "𠮷䶮㐂🙂\ue000\x1b@\n\u202e\ud800"


def named(hall, hall_name, line_name, item_name):
    lines = tuple(
        replace(line, name=line_name, items=(Item("pension-claim", item_name),)) if line.id == "social" else line
        for line in hall.lines
    )
    return replace(hall, name=hall_name, lines=lines)


def longest(hall):
    return named(
        hall,
        Name("临江市高新技术产业开发区政务服务和公共资源交易综合服务中心一", ITEM_EN),
        Name("不动产登记和税务综合服务", ITEM_EN),
        Name(ITEM, ITEM_EN.ljust(116, "x")),
    )


def paper(hall, style="normal", template=None, span=Range(12, 20), reprint=0, number="A023"):
    ticket = replace(a_ticket(6, span), number=number)
    return papers.ticket(papers.facts(hall, ticket, AT, "3", reprint, Kept(120, 97)), WORDS, template, style)


def printed(document, mm, way, characters="gbk", rom=""):
    """The paper; the printer's ROM holds what it is trusted with and no more, unless `rom` says so."""
    printer = Simulator(width=mm, strict=True, characters=rom or characters)
    printer.receive(press.render(document, mm, way, press.Dialect(characters=characters)))
    (one,) = printer.tickets
    assert one.cut and not one.wrapped
    return one


def ink(document, mm):
    """Where the drawn document has ink: left, top, right, bottom."""
    picture = draw(document, LOOKS[mm, document.style]).convert("L")
    return picture.point([255 - level for level in range(256)]).getbbox()


def squeezed(text):
    return "".join(press.printable(text).split())


every_paper = pytest.mark.parametrize(("mm", "style"), [(mm, style) for mm in MM for style in STYLES])


@every_paper
@pytest.mark.parametrize("way", press.WAYS)
def test_the_code_is_read_from_every_paper(hall, mm, style, way):
    picture = printed(paper(hall, style, reprint=1), mm, way).picture
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [a_ticket().url]


@every_paper
def test_the_number_is_the_largest_thing(hall, mm, style):
    look = LOOKS[mm, style]
    left, top, right, bottom = ink(b.Document((b.Number("A023"),), style), mm)
    code = qr_picture(a_ticket().url, look.module, quiet=0)
    assert (right - left) * (bottom - top) > 1.2 * code.width * code.height
    assert right - left > 0.85 * look.width
    assert bottom - top > 2 * max(look.title, look.strong, look.value)


@every_paper
@pytest.mark.parametrize("way", ["text", "hybrid"])
def test_the_longest_names_are_printed_whole(hall, mm, style, way):
    lines = "".join(squeezed(line) for line in printed(paper(longest(hall), style), mm, way).lines)
    full = longest(hall)
    for text in (full.name.zh, full.name.en, ITEM, full.lines[0].items[0].name.en):
        assert squeezed(text) in lines


@every_paper
def test_the_longest_names_are_drawn_within_the_paper(hall, mm, style):
    left, _, right, _ = ink(paper(longest(hall), style, reprint=888), mm)
    assert left > 0 and right < WIDTHS[mm]


@pytest.mark.parametrize(("kind", "drawn"), [("serial", False), ("usb", True), ("socket", True)])
@pytest.mark.parametrize("mm", MM)
def test_one_document_is_typed_on_a_serial_line_and_drawn_elsewhere(hall, mm, kind, drawn):
    """A printer on USB or the network may have no Chinese characters: it gets pictures and not one letter."""
    cable = Cable(Simulator(width=mm, strict=True))
    cable.kind = kind
    EscposPrinter(cable.connect, width=mm).print(paper(hall))
    (one,) = cable.simulator.tickets
    assert (not one.lines) == drawn
    assert drawn or "养老保险待遇申领".encode("gb18030") in one.data
    assert [code.text for code in zxingcpp.read_barcodes(one.picture)] == [a_ticket().url]


@pytest.mark.parametrize("way", press.WAYS)
def test_what_cannot_be_typed_is_drawn_and_orders_in_a_name_are_not_obeyed(hall, way):
    """In a name: rare characters, a smile, a made-up one, an escape, a line break, a mark that turns text around."""
    document = paper(named(hall, Name("厅" + RARE), Name("线" + RARE, RARE), Name("项" + RARE, RARE)))
    old, new = printed(document, 80, way, "gb2312"), printed(document, 80, way, "gb2312", rom="gb18030")
    assert old.picture.tobytes() == new.picture.tobytes(), "no hollow box anywhere"
    assert "?" not in "".join(old.lines)
    assert old.data.count(codec.INIT) == printed(paper(hall), 80, way).data.count(codec.INIT)


def test_only_what_has_no_shape_is_left_out():
    assert b.plain(b.Text(RARE, "soft\u00adhyphen")) == b.Text("𠮷䶮㐂🙂\ue000 @ □", "softhyphen")
    assert b.plain(b.Badge("补打\u3000第 1 次")) == b.Badge("补打\u3000第 1 次")


# --- any facts, any layout -------------------------------------------------------------------------------------------

LETTERS = st.sampled_from("政务服务中心不动产登记（）、。《》“”·—ABCabc019 -/Wm𠮷䶮🙂\u00a0\u3000\n")


def names(most):
    zh = st.text(LETTERS, min_size=1, max_size=most).map(lambda text: "厅" + text[:-1])
    return st.builds(Name, zh, st.text("abcWm ABC-'(),.é", max_size=116))


def entries():
    look = {
        "size": st.sampled_from(["small", "body", "strong", "title"]),
        "bold": st.booleans(),
        "align": st.sampled_from(["left", "centre"]),
        "heavy": st.booleans(),
        "short": st.booleans(),
        "zh": st.text("办事请带身份证", min_size=1, max_size=20),
        "en": st.text("abc ", max_size=20),
    }
    one = [st.fixed_dictionaries({"block": st.just(name)}, optional={o: look[o] for o in sorted(OPTIONS[name])})
           for name in OPTIONS if name != "text"]  # fmt: skip
    own = st.fixed_dictionaries({"block": st.just("text"), "zh": look["zh"], "en": look["en"]})
    every = st.tuples(*one, own).flatmap(st.permutations)
    kept = st.sets(st.sampled_from(sorted(set(OPTIONS) - set(REQUIRED))))
    return st.tuples(every, kept).map(lambda both: [e for e in both[0] if e["block"] in both[1] | set(REQUIRED)])


facts = st.fixed_dictionaries(
    {
        "names": st.tuples(names(30), names(12), names(68)),
        "second": st.sampled_from(["", "en"]),
        "number": st.from_regex(r"[A-Z][0-9]{3,4}", fullmatch=True),
        "ahead": st.integers(0, 9999),
        "span": st.none() | st.builds(Range, st.integers(0, 500), st.integers(0, 500)),
        "url": st.integers(8, 60).map(lambda length: "https://zw.example/t/" + "k" * length),
        "machine": st.text("取号机AB1 ", min_size=1, max_size=16),
        "reprint": st.integers(0, 99),
        "windows": st.sets(st.integers(1, 999), max_size=12),
    }
)


def told(hall, given):
    ticket = replace(a_ticket(given["ahead"], given["span"]), number=given["number"], url=given["url"])
    made = papers.facts(
        replace(named(hall, *given["names"]), second_language=given["second"]),
        ticket, AT, given["machine"], given["reprint"], Kept(120, 97),
    )  # fmt: skip
    return replace(made, windows=papers.windows_text(given["windows"]))


@given(facts, entries(), st.sampled_from(MM), st.sampled_from(STYLES), st.sampled_from(press.WAYS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_on_it_nothing_leaves_the_paper(hall, given, some, mm, style, way):
    template = Template.model_validate({"normal": some, "elder": some})
    document = papers.ticket(told(hall, given), WORDS, template, style)
    one = printed(document, mm, way)
    assert [code.text for code in zxingcpp.read_barcodes(one.picture)] == [given["url"]]
    dark = one.picture.convert("L").point([255 * (level < 128) for level in range(256)]).getbbox()
    margin = (one.picture.width - WIDTHS[mm]) // 2
    assert way != "raster" or margin < dark[0] < dark[2] < margin + WIDTHS[mm]
