"""Guides as CSV and JSON: they come back as they went, in both encodings, and every fault has a row and a column."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.guides.labels import LABELS
from queue_server.guides.model import CONTROL, Guide, Material, Span
from queue_server.guides.transfer import csv_text, json_text, read

TEXT = {"json": json_text, "csv": csv_text}
BOTH_FORMATS = pytest.mark.parametrize("kind", ["csv", "json"])


def guides_of(data: bytes, kind: str) -> list[Guide]:
    rows, faults = read(data, kind)
    assert faults == []
    return [row.guide for row in rows]


def table(three: list[Guide], **cells: str) -> bytes:
    """The three as CSV with some cells of the second guide (row 3) written over."""
    rows = list(csv.reader(io.StringIO(csv_text(three).removeprefix("\ufeff"), newline="")))
    for name, cell in cells.items():
        rows[2][rows[0].index(LABELS[name][0])] = cell
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def test_every_field_has_a_label_in_both_languages():
    assert list(LABELS) == list(Guide.model_fields)
    assert all(zh and en for zh, en in LABELS.values())
    assert len({zh for zh, _ in LABELS.values()}) == len(LABELS)


@BOTH_FORMATS
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_what_went_out_comes_back(three: list[Guide], kind: str, encoding: str):
    text = TEXT[kind](three).removeprefix("\ufeff")
    assert guides_of(text.encode(encoding), kind) == three


lines = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(
    lambda text: not CONTROL.search(text) and "\n" not in text and "\t" not in text
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60).filter(lambda text: not CONTROL.search(text))
anything = st.builds(
    Guide,
    code=st.just("X"),
    name=lines.filter(str.strip),
    name_en=lines.filter(str.strip),
    aliases=st.lists(lines.map(str.strip).filter(bool).filter(lambda one: len(one.splitlines()) == 1)).map(tuple),
    type=st.just("other"),
    level=st.just("city"),
    department=st.just("social"),
    themes=st.lists(st.sampled_from(["tax", "trade"])).map(tuple),
    effective_from=st.none() | st.dates(),
    conditions=texts,
    kind=st.just("promised"),
    statutory=st.none() | st.builds(Span, number=st.integers(0, 9999), note=lines, note_en=lines),
    visits=st.integers(0, 9),
    fee=st.booleans(),
    materials=st.lists(st.builds(Material, name=lines.filter(bool), acceptance=texts), max_size=2).map(tuple),
)


@BOTH_FORMATS
@settings(max_examples=60)
@given(guide=anything)
def test_any_guide_comes_back_as_it_went(kind: str, guide: Guide):
    assert guides_of(TEXT[kind]([guide]).encode(), kind) == [guide]


@given(st.binary(max_size=300), st.sampled_from(["csv", "json"]))
def test_any_bytes_are_answered_in_words(data: bytes, kind: str):
    _, faults = read(data, kind)
    assert all(fault.zh and fault.en for fault in faults)


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"visits": "两次"}, "visits", "expected a whole number, found '两次'"),
        ({"fee": "免费"}, "fee", "expected 是 or 否"),
        ({"effective_from": "2026-13-01"}, "effective_from", "expected a date"),
        ({"materials": "[{"}, "materials", "expected JSON in this cell"),
        ({"materials": '[{"nam": "表"}]'}, "materials.0.name", "this key is required"),
        ({"promised": "很快"}, "promised", "expected JSON"),
        ({"name": ""}, "name", "at least 1 character"),
        ({"name": "失\x07业"}, "name", "control character U+0007"),
        ({"type": "PERMIT"}, "type", "expected text of the form"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(three: list[Guide], cells: dict[str, str], column: str, words: str):
    rows, faults = read(table(three, **cells), "csv")
    assert [row.guide.name for row in rows] == [three[0].name, three[2].name]
    assert {fault.row for fault in faults} == {3}
    assert column in [fault.column for fault in faults]
    assert any(words in fault.en for fault in faults)


def test_a_spreadsheet_may_write_dates_and_times_in_its_own_way(three: list[Guide]):
    data = table(three, effective_from="2026/7/1", promised="4", fee="FALSE", themes="tax；trade")
    second = guides_of(data, "csv")[1]
    assert (second.effective_from, second.promised, second.fee) == (date(2026, 7, 1), Span(number=4), False)
    assert second.themes == ("tax", "trade")


@pytest.mark.parametrize(
    ("change", "rule", "words"),
    [
        (lambda text: text.replace("事项名称", "事项名字"), "heading", "unknown columns in the heading: '事项名字'"),
        (lambda text: text.replace("事项类型", "事项名称"), "heading", "column name stands twice"),
        (lambda text: text.split("\n", 1)[1], "heading", "unknown columns"),
        (lambda text: "name\n一件事\n", "heading", "missing columns: code"),
        (lambda text: "", "heading", "missing columns"),
        (lambda text: text.rstrip() + '\n"half', "format", "not CSV near line"),
        (lambda text: text.rstrip() + "\na,b\n", "columns", "2 cells, the heading has"),
    ],
)
def test_a_broken_csv_is_refused_in_words(three: list[Guide], change, rule: str, words: str):
    _, faults = read(change(csv_text(three).removeprefix("\ufeff")).encode(), "csv")
    assert rule in [fault.rule for fault in faults]
    assert any(words in fault.en for fault in faults)


@pytest.mark.parametrize("text", ["{", "[1]", '"x"', "{}", "[" * 100_000, "NaN", "9" * 5_000, '["\\ud800"]'])
def test_a_broken_json_is_refused_in_words(text: str):
    rows, faults = read(text.encode(), "json")
    assert rows == []
    assert faults[0].rule == "format"


def test_a_file_in_neither_encoding_is_refused_with_the_byte():
    _, (fault,) = read(b"\xff\xff\x00", "csv")
    assert (fault.row, fault.rule) == (0, "encoding")
    assert "byte 1" in fault.en
