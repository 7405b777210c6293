"""A department's handbook, read back by another program: every guide, its version and date on its pages."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from queue_server.__main__ import main
from queue_server.domain.errors import NotFound
from queue_server.guides.catalogue import Published
from queue_server.guides.handbook import handbook
from queue_server.guides.model import Guide, Tables
from queue_server.guides.versions import Status, Version
from tests.queue_server.helpers import Desk

DAY = date(2026, 3, 2)
A4 = (595, 842)  # points


def now(tables: Tables, guides: list[Guide]) -> Published:
    made = datetime(2026, 3, 2, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    versions = [Version(3, Status.PUBLISHED, one, one.effective_from, None, made, "hall") for one in guides]
    return Published(1, DAY, tables, {one.guide.code: one for one in versions})


def pages(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as read:
        assert {tuple(round(side) for side in page.get_size()) for page in read} == {A4}
        return [page.get_textpage().get_text_bounded() for page in read]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_guide_of_the_department_is_in_it(tables: Tables, three: list[Guide], lang: str):
    found = pages(handbook(now(tables, three), "social", "zh" if lang == "zh" else "en"))
    contents = "".join(found[1].split())
    for guide in three:
        name = "".join((guide.name if lang == "zh" else guide.name_en).split())
        assert name in contents
        assert any(guide.code in page for page in found[2:])
    held = "第 3 版 · 2025-01-01 起施行" if lang == "zh" else "Version 3 · in force from 2025-01-01"
    assert all(held in page for page in found[2:])
    assert all("2026-03-02" in page for page in found[1:])
    assert len(found) <= 2 + 2 * len(three)


def test_the_longest_title_and_list_are_printed_whole(tables: Tables, guide: Guide):
    material = guide.materials[0]
    materials = tuple(material.model_copy(update={"name": f"第{n}样材料" * 6}) for n in range(19))
    long = guide.model_copy(update={"name": "临江" * 34, "materials": materials})
    text = "".join("".join(page.split()) for page in pages(handbook(now(tables, [long]), "social")))
    assert all(f"第{n}样材料" in text for n in range(19))


def test_a_department_without_guides_is_not_found(tables: Tables, three: list[Guide]):
    with pytest.raises(NotFound):
        handbook(now(tables, three), "tax")


@pytest.mark.parametrize(("role", "status"), [("publisher", 200), ("guide", 200), ("kiosk", 403), (None, 401)])
def test_staff_get_it_over_http(city: Desk, role: str | None, status: int):
    answer = city.get("/guides/handbook?department=social", role)
    assert answer.status_code == status
    assert (status == 200) == answer.data.startswith(b"%PDF-")
    assert city.get("/guides/handbook?department=nowhere", "publisher").status_code == 404


def test_the_command_writes_it(city: Desk, tmp_path: Path):
    file = tmp_path / "social.pdf"
    where = ["--database", city.url] if city.url else ["--data", str(city.data)]
    assert main(["guides", "handbook", "social", str(file), *where]) == 0
    assert len(pages(file.read_bytes())) > 3
