"""A hall's own ticket layout: what it changes on paper, and how its slips are told."""

import json
import random
import tomllib
from dataclasses import replace

import pytest

from config import ConfigError, load_kiosk
from config.loader import load
from devices.paper import blocks as b
from kiosk import paper_template, papers
from kiosk.answers import Kept, Range
from kiosk.paper_template import BUILT_IN, OPTIONS, REQUIRED, Entry, Template
from tests.kiosk.tickets import AT, DEMO, WORDS, a_ticket, of

MUST = '{ block = "number" }, { block = "reprint" }, { block = "code" }'
PLAIN = f"elder = [{MUST}]\n"


def written(tmp_path, text):
    path = tmp_path / "ticket.toml"
    path.write_text(text, "utf-8")
    return path


def faults(tmp_path, normal):
    """What is said of a file whose layout for everybody is this."""
    path = written(tmp_path, f"normal = [{normal}]\n{PLAIN}")
    with pytest.raises(ConfigError) as caught:
        paper_template.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    return caught.value.faults


def paper(hall, template, style="normal", ticket=None, kept=None):
    return papers.ticket(papers.facts(hall, ticket or a_ticket(), AT, "3", kept=kept), WORDS, template, style)


def test_the_built_in_layout_is_a_file_like_any_other(hall):
    template = load(BUILT_IN, Template)
    assert papers.ticket(papers.facts(hall, a_ticket(), AT, "3"), WORDS) == paper(hall, template)


def test_the_demo_s_layout_loads_and_is_the_one_its_kiosk_names():
    named = load_kiosk(DEMO / "kiosk.toml").ticket.template
    template = paper_template.read(DEMO / named)
    assert [entry.zh for entry in template.normal if entry.block == "text"] == ["材料不齐，导办台先帮您看"]


def test_every_block_has_a_writer_and_stands_in_the_built_in_file():
    assert set(papers.WRITERS) == set(OPTIONS)
    told = BUILT_IN.read_text("utf-8")
    assert all(f"#     {name}" in told or f", {name}" in told for name in OPTIONS)
    assert {name for options in OPTIONS.values() for name in options} == set(Entry.model_fields) - {"block"}


def test_order_size_weight_and_place_are_the_hall_s(hall, tmp_path):
    line = '{ block = "line", size = "strong", bold = true, align = "centre" }'
    template = paper_template.read(written(tmp_path, f"normal = [{MUST}, {line}]\n{PLAIN}"))
    document = paper(hall, template)
    assert [type(block) for block in document.blocks] == [b.Number, b.Code, b.Text]
    assert document.blocks[-1] == b.Text("社会保障", "Social security", "strong", bold=True, centre=True)


def test_the_hall_s_own_line_stands_in_both_languages(hall, tmp_path):
    own = '{ block = "text", zh = "厅里有热水", en = "Hot water is free" }'
    template = paper_template.read(written(tmp_path, f"normal = [{MUST}, {own}]\n{PLAIN}"))
    assert of(paper(hall, template), b.Text) == [b.Text("厅里有热水", "Hot water is free")]
    assert of(paper(replace(hall, second_language=""), template), b.Text) == [b.Text("厅里有热水")]


def test_elderly_people_get_fewer_lines_and_the_short_promise(hall):
    normal, elder = (paper(hall, None, style, kept=Kept(50, 40)) for style in ("normal", "elder"))
    assert elder.style == "elder" and len(elder.blocks) < len(normal.blocks)
    promise = of(elder, b.Note)[-1]
    assert promise.zh.endswith("10 分钟以上的普通号。")
    assert not of(elder, b.Code)[0].detail


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (None, None),
        (Kept(9, 9), None),
        (Kept(10, 8), "10 次里有 8 次"),
        (Kept(120, 119), "10 次里有 9 次"),
        (Kept(10, 0), "10 次里有 0 次"),
    ],
)
def test_the_record_is_told_once_there_are_enough_waits_and_never_rounded_up(hall, kept, said):
    document = paper(hall, None, ticket=a_ticket(6, Range(12, 20)), kept=kept)
    record = [text.zh for text in of(document, b.Text) if "近 7 天" in text.zh]
    assert ([said in one for one in record] == [True]) if said else not record


def test_without_a_range_there_is_nothing_to_keep_a_record_of(hall):
    assert not [text for text in of(paper(hall, None, kept=Kept(50, 40)), b.Text) if "近 7 天" in text.zh]


@pytest.mark.parametrize(
    ("normal", "said"),
    [
        (f'{MUST}, {{ block = "promisse" }}', "normal.3.block: no block is called 'promisse'; did you mean 'promise'?"),
        (f'{MUST}, {{ block = "weather" }}', "normal.3.block: no block is called 'weather'; there are: hall, number"),
        (f'{MUST}, {{ block = "item", siez = "small" }}', "normal.3.siez: unknown key; did you mean 'size'?"),
        (f'{MUST}, {{ block = "item", size = "huge" }}', "normal.3.size: expected one of 'small', 'body', 'strong'"),
        (
            f'{MUST}, {{ block = "missed", align = "centre" }}',
            "normal.3: block 'missed' cannot be told 'align'; it can be told: size",
        ),
        (
            f'{MUST}, {{ block = "place", bold = true }}',
            "normal.3: block 'place' cannot be told 'bold'; it can be told n",
        ),
        (f'{MUST}, {{ block = "text", en = "Water" }}', "normal.3: a text needs zh: Chinese is always printed"),
        (f'{MUST}, {{ block = "foot" }}, {{ block = "foot" }}', "normal: block 'foot' stands 2 times; leave one"),
        ("", "normal: block 'number' is missing"),
    ],
)
def test_a_slip_is_told_with_its_entry_and_what_to_do(tmp_path, normal, said):
    assert any(fault.startswith(said) for fault in faults(tmp_path, normal)), faults(tmp_path, normal)


@pytest.mark.parametrize("name", REQUIRED)
def test_no_ticket_without_number_code_and_reprint_mark(tmp_path, name):
    rest = ", ".join(f'{{ block = "{one}" }}' for one in REQUIRED if one != name)
    assert faults(tmp_path, rest) == [
        f"normal: block '{name}' is missing: {REQUIRED[name]}; add {{ block = \"{name}\" }}"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'zh = "网址", en = "https://zw.linjiang.example/services"',
            "normal.3 ('网址'): 'https://zw.linjiang.example/services' is wider than 58 mm paper, 32 letters of small;",
        ),
        (
            f'zh = "{"办事指南" * 12}", size = "title"',
            f"normal.3 ('{'办事指南' * 12}'): takes 6 lines of 58 mm paper, at most 4;",
        ),
    ],
)
def test_a_line_too_wide_for_narrow_paper_is_told(tmp_path, text, said):
    (fault,) = faults(tmp_path, f'{MUST}, {{ block = "text", {text} }}')
    assert fault.startswith(said) and "choose a smaller size" in fault


def test_a_file_that_is_not_there_suggests_its_neighbour(tmp_path):
    written(tmp_path, "")
    with pytest.raises(ConfigError, match=r"tickets\.toml: no such file; did you mean .*ticket\.toml\?"):
        paper_template.read(tmp_path / "tickets.toml")


def inline(entry):
    return "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in entry.items()) + " }"


def test_files_are_refused_in_words_whatever_stands_in_them(tmp_path):
    """Entries shuffled, doubled, dropped: a layout or a ConfigError, never anything else."""
    rng = random.Random(7)
    raw = tomllib.loads(BUILT_IN.read_text("utf-8"))["normal"]
    for _ in range(100):
        some = rng.choices(raw, k=rng.randrange(len(raw) + 3))
        normal = ", ".join(map(inline, some))
        path = written(tmp_path, f"normal = [{normal}]\n{PLAIN}")
        names = [entry["block"] for entry in some]
        good = set(REQUIRED) <= set(names) and all(names.count(one) == 1 for one in set(names) - {"rule", "text"})
        if good:
            assert len(paper_template.read(path).normal) == len(some)
        else:
            with pytest.raises(ConfigError, match="normal: block"):
                paper_template.read(path)
