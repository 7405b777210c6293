"""The form people write guides in: what is repeated stands once, and every slip is named with file and guide."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from config import ConfigError
from queue_server.guides.command import DEMO
from queue_server.guides.model import Span
from queue_server.guides.source import load_folder

HEAD = """
department = "medical"
effective_from = 2025-01-01
[materials.slip]
name = "费用清单"
form = "original"
[[places]]
area = "linjiang"
hall = "linjiang"
name = "大厅"
[[places]]
area = "qingxi"
name = "清溪县大厅"
[[guides]]
number = "15001000"
name = "医药费报销"
name_en = "Medical claim"
type = "public_service"
kind = "promised"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tables and shared materials of the demo, and no guide yet."""
    for name in ("tables.toml", "shared.toml"):
        shutil.copy(DEMO / name, tmp_path / name)
    return tmp_path


def write(folder: Path, text: str, name: str = "medical.toml") -> Path:
    (folder / name).write_text(HEAD + text, "utf-8")
    return folder


def faults(folder: Path) -> str:
    with pytest.raises(ConfigError) as refused:
        load_folder(folder)
    return str(refused.value)


def test_a_guide_takes_what_the_file_says_once(folder: Path):
    write(folder, 'promised = 5\nitem = "medical-claim"\nmaterials = ["id_card", { use = "slip", copies = 2 }]\n')
    tables, (one,) = load_folder(folder)
    guide = one.guide
    assert guide.code == tables.departments["medical"].credit_code + "3" + "00" + "20" + "15001000"
    assert (guide.level, guide.promised) == ("city", Span(number=5))
    assert [(m.name, m.copies) for m in guide.materials] == [("申请人身份证", 0), ("费用清单", 2)]
    assert [(p.area, p.item) for p in guide.places] == [("linjiang", "medical-claim"), ("qingxi", "")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("promissed = 5", "guides.医药费报销: promissed: unknown key; did you mean 'promised'?"),
        ('materials = ["id_crad"]', "no material is called 'id_crad'; did you mean 'id_card'?"),
        ('materials = [{ name = "表", copys = 1 }]', "materials.表.copys: unknown key; did you mean 'copies'?"),
        ('option = "1"', "option: expected 2 digits"),
        ("visits = -1", "visits: expected at least 0, found -1"),
        ('name_en = "x"', "not TOML"),  # stands twice
        ('conditions = "a\\u0007b"', "control character U+0007 at place 2"),
        ('short_name = "two\\nlines"', "short_name: must stand on one line"),
        ('level = "cty"', "level: 'cty' is not in tables.toml; did you mean 'city'?"),
        ('code = "1"', "code: unknown key"),
    ],
)
def test_a_slip_is_named_with_file_and_guide(folder: Path, text: str, words: str):
    told = faults(write(folder, text))
    assert "medical.toml: " in told
    assert words in told


def test_two_guides_with_one_number_are_refused(folder: Path):
    text = HEAD[HEAD.index("[[guides]]") :].replace("医药费报销", "另一件事")
    assert "医药费报销 (medical.toml) has the same type, number" in faults(write(folder, text))


def test_a_file_of_an_unknown_department_is_refused(folder: Path):
    write(folder, "")
    file = folder / "medical.toml"
    file.write_text(file.read_text("utf-8").replace('"medical"', '"medicine"'), "utf-8")
    assert "department: 'medicine' is not in tables.toml" in faults(folder)
