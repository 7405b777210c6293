"""Fonts are made once, whole or not at all, and found by character."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ImageFont

from devices import fontmaker, fonts
from devices.errors import SetupError


def test_fonts_that_are_up_to_date_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {name: source for name, source in fontmaker.SOURCES.items() if not source.face}
    monkeypatch.setattr(fontmaker, "SOURCES", small)
    first: list[str] = []
    again: list[str] = []
    fontmaker.make(first.append, tmp_path)
    made = {file.name: file.stat().st_ino for file in tmp_path.iterdir()}
    fontmaker.make(again.append, tmp_path)
    assert made == {file.name: file.stat().st_ino for file in tmp_path.iterdir()}
    assert set(made) == set(small), "and nothing half made"
    assert all("up to date" in line for line in again) and not any("up to date" in line for line in first)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (fontmaker.Source("", "NoSuchFont.ttc", "x"), "apt-get install --no-install-recommends fonts-noto-cjk"),
        (fontmaker.Source("no_such_package", "x.ttf"), "pip install"),
    ],
)
def test_a_missing_package_names_the_line_to_run(source: fontmaker.Source, line: str) -> None:
    with pytest.raises(SetupError, match=line):
        source.find()


def test_every_font_is_a_single_face() -> None:
    for name in fonts.FILES:
        assert ImageFont.truetype(fonts.path(name), 20).getname()[0]
        with pytest.raises(OSError):
            ImageFont.truetype(fonts.path(name), 20, index=1)


def test_families() -> None:
    names = {name: " ".join(map(str, ImageFont.truetype(fonts.path(name), 20).getname())) for name in fonts.FILES}
    assert names["sans"] == "Noto Sans CJK SC Regular" and names["mono-bold"] == "Noto Sans Mono CJK SC Bold"
    assert names["number"] == "Barlow SemiBold" or names["number"].startswith("Barlow SemiBold")


def test_a_run_changes_font_only_where_it_must() -> None:
    pieces = [piece for piece, _ in fonts.runs("A012号𠮷B", "number-bold", 30)]
    assert pieces == ["A012", "号𠮷", "B"]
    assert fonts.width("政务", "sans", 24) == 48
    assert fonts.width("AB政", "mono", 24) == 48


def test_icons_by_name() -> None:
    assert len(fonts.icon("printer")) == 1
    with pytest.raises(SetupError, match='no icon is called "no-such-icon"'):
        fonts.icon("no-such-icon")


def test_without_fonts_the_line_to_run_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(SetupError, match="-m devices fonts"):
        fonts.path("sans")
