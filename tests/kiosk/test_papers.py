"""The ticket's paper: what stands on it, read from the document and from the simulated printer's own paper."""

import pytest

from devices import registry
from devices.escpos.simulator import Simulator
from devices.paper import blocks as b
from devices.simulation import Cable
from kiosk import papers
from kiosk.answers import Range
from tests.kiosk.tickets import AT, WORDS, a_ticket, of


def paper(hall, ticket=None, reprint=0):
    return papers.ticket(papers.facts(hall, ticket or a_ticket(), AT, "3", reprint), WORDS)


def test_number_item_line_and_code(hall):
    document = paper(hall)
    assert of(document, b.Number) == [b.Number("A023")]
    assert [text.zh for text in of(document, b.Text)][:3] == ["临江市政务服务中心", "养老保险待遇申领", "社会保障"]
    assert of(document, b.Code)[0].url == a_ticket().url
    assert of(document, b.Foot) == [b.Foot("2026-11-25 09:41", "取号机 3 · Kiosk 3")]


def test_where_to_wait(hall):
    frame = of(paper(hall), b.Frame)[0]
    assert (frame.zh, frame.detail) == ("请到 A 区坐着等", "听到叫号，去 1–4、8 号窗口")
    assert "、" not in frame.en


@pytest.mark.parametrize(("ahead", "said"), [(0, "没有人"), (6, "6 人"), (126, "126 人")])
def test_people_ahead(hall, ahead, said):
    assert of(paper(hall, a_ticket(ahead)), b.Pair)[0].value == said


@pytest.mark.parametrize(
    ("span", "said"), [(Range(12, 20), "12 到 20 分钟"), (Range(1, 5), "很快到您"), (Range(1, 6), "1 到 6 分钟")]
)
def test_the_wait(hall, span, said):
    assert of(paper(hall, a_ticket(6, span)), b.Pair)[1].value == said


def test_an_unknown_wait_is_said_and_not_guessed(hall):
    document = paper(hall)
    assert len(of(document, b.Pair)) == 1
    assert any(text.zh == "等候时间还算不准，请听叫号。" for text in of(document, b.Text))


def test_the_promise_names_its_minutes(hall):
    promise = next(note for note in of(paper(hall), b.Note) if note.label == "承诺")
    assert "10 分钟以上" in promise.zh
    assert "照顾号 45 分钟" in promise.zh


def test_a_reprint_is_marked(hall):
    assert of(paper(hall), b.Badge) == []
    assert of(paper(hall, reprint=2), b.Badge) == [b.Badge("补打 第 2 次 · Reprint 2")]


def test_without_a_second_language_no_english(hall):
    from dataclasses import replace

    document = paper(replace(hall, second_language=""), reprint=1)
    assert not [block for block in document.blocks if getattr(block, "en", "")]
    assert of(document, b.Badge) == [b.Badge("补打 第 1 次")]


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([3], "3"), ([1, 2], "1、2"), ([2, 1, 3], "1–3"), ([1, 2, 3, 4, 8, 10, 11], "1–4、8、10、11")],
)
def test_windows_in_words(numbers, text):
    assert papers.windows_text(numbers) == text


@pytest.mark.parametrize("width", [80, 58])
def test_the_printer_prints_every_word_of_it(hall, width):
    cable = Cable(Simulator(width=width))
    printer = registry.open_device("escpos", "", cable=cable, width=width)
    printer.print(paper(hall))
    words = "".join("".join(cable.simulator.tickets[-1].lines).split())
    # the number is drawn, not typed
    for said in ("养老保险待遇申领", "请到A区坐着等", "取号机3"):
        assert said in words
