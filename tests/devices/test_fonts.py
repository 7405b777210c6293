"""Fonts are made once, whole or not at all, and found by character."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ImageFont

from devices import fontmaker, fonts
from devices.errors import SetupError

DEMO = Path(__file__).parents[2] / "config" / "demo"


def test_fonts_that_are_up_to_date_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {name: source for name, source in fontmaker.SOURCES.items() if source.package not in fontmaker.DEBIAN}
    monkeypatch.setattr(fontmaker, "SOURCES", small)
    first: list[str] = []
    again: list[str] = []
    fontmaker.make(first.append, tmp_path)
    made = {file.name: file.stat().st_ino for file in tmp_path.iterdir()}
    fontmaker.make(again.append, tmp_path)
    assert made == {file.name: file.stat().st_ino for file in tmp_path.iterdir()}
    assert set(made) == set(small), "and nothing half made"
    assert all("up to date" in line for line in again) and not any("up to date" in line for line in first)


def test_without_the_rare_fonts_the_others_are_made_and_the_line_to_run_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {
        "number.ttf": fontmaker.SOURCES["number.ttf"],
        "hana-a.ttf": fontmaker.Source(fontmaker.HANA, "NoSuchFont.ttf"),
    }
    monkeypatch.setattr(fontmaker, "SOURCES", sources)
    told: list[str] = []
    fontmaker.make(told.append, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["number.ttf"]
    assert told[1].endswith("run: apt-get install --no-install-recommends fonts-hanazono")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (fontmaker.Source(fontmaker.NOTO, "NoSuchFont.ttc", "x"), "apt-get install .* fonts-noto-cjk"),
        (fontmaker.Source(fontmaker.HANA, "NoSuchFont.ttf"), "apt-get install .* fonts-hanazono"),
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


def icons_in(settings: object) -> Iterator[str]:
    """Every `icon` of a settings file, however deep."""
    if isinstance(settings, dict):
        if isinstance(settings.get("icon"), str):
            yield settings["icon"]
        settings = list(settings.values())
    if isinstance(settings, list):
        for inside in settings:
            yield from icons_in(inside)


def test_every_icon_the_demo_names_is_in_the_font_filled() -> None:
    """A name that is not would be shown as a sheet of paper."""
    named = {name for file in DEMO.rglob("*.toml") for name in icons_in(tomllib.loads(file.read_text("utf-8")))}
    assert len(named) > 30
    for name in named:
        assert fonts.icon(f"{name}-fill"), name


def test_without_fonts_the_line_to_run_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(SetupError, match="-m devices fonts"):
        fonts.path("sans")


def test_rare_characters_come_from_the_first_font_that_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    has = {"sans": "政号", "rare-a": "号䶮", "rare-b": "𪚥"}
    monkeypatch.setattr(fonts, "_characters", lambda name: frozenset(map(ord, has[name])))
    assert [fonts.holder(char, "sans") for char in "政号䶮𪚥𰻝"] == ["sans", "sans", "rare-a", "rare-b", None]


def test_without_the_rare_fonts_all_else_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fonts, "RARE", {"rare-a": "nowhere.ttf", "rare-b": "nor-here.ttf"})
    fonts._characters.cache_clear()
    assert fonts.holder("政", "sans") == "sans"
    assert fonts.holder("\U0002a6a6", "sans") is None
    assert fonts.width("\U0002a6a6", "sans", 24) > 0
    assert "nowhere.ttf is missing" in caplog.text
    fonts._characters.cache_clear()


RARE_THERE = all((fonts.FOLDER / file).exists() for file in fonts.RARE.values())


@pytest.mark.skipif(not RARE_THERE, reason="fonts-hanazono is not installed")
def test_every_character_of_the_extensions_a_to_f_but_a_few_is_drawn() -> None:
    blocks = {"A": (0x3400, 0x4DB5), "B": (0x20000, 0x2A6D6), "C": (0x2A700, 0x2B734), "D": (0x2B740, 0x2B81D)}
    blocks |= {"E": (0x2B820, 0x2CEA1), "F": (0x2CEB0, 0x2EBE0), "unified": (0x4E00, 0x9FEF)}
    missing = {
        name: sum(fonts.holder(chr(code), "sans") is None for code in range(first, last + 1))
        for name, (first, last) in blocks.items()
    }
    assert missing == dict.fromkeys(blocks, 0)
