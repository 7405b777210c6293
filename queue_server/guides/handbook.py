"""A department's handbook for its staff, as a PDF to print: contents, then a page or two for each guide in force.

Every page says which version of which guide it is and since when that holds: paper outlives what is printed on it.
The font is that of the screens (Noto Sans CJK, from Debian's package); only the characters used are put into the file.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, TableCellFillMode, VAlign, WrapMode, XPos, YPos
from fpdf.fonts import FontFace
from fpdf.outline import OutlineSection

from queue_server.domain.errors import NotFound
from queue_server.guides.catalogue import Published
from queue_server.guides.labels import LABELS
from queue_server.guides.model import Guide, Tables
from queue_server.guides.telling import name_of, span, told
from queue_server.guides.versions import Version

Lang = Literal["zh", "en"]
NOTO = Path("/usr/share/fonts/opentype/noto")
SIMPLIFIED = 2  # the face of these collections that writes characters as in mainland China
INK, SOFT, BLUE, PALE, RULE = (16, 32, 59), (67, 83, 110), (10, 53, 147), (231, 239, 255), (201, 211, 226)
ROW = 5.4  # mm
PATIENCE = 120  # seconds
WORDS = {  # Chinese, English
    "handbook": ("办事指南手册", "Handbook of guides"),
    "for_staff": ("工作人员用", "For staff"),
    "count": ("共 {n} 个事项，{day} 现行版本", "{n} guides, as in force on {day}"),
    "contents": ("目录", "Contents"),
    "version": ("第 {n} 版 · {day} 起施行", "Version {n} · in force from {day}"),
    "printed": ("{day} 印制，以系统现行版本为准", "Printed {day}; what holds is the version in force in the system"),
    "page": ("第 {n} 页", "Page {n}"),
    "material": ("材料", "Material"),
    "form": ("形式 / 份数", "Form / copies"),
    "need": ("必要性", "Needed"),
    "notes": ("规格、来源与受理标准", "Make, source, what is accepted"),
    "stage": ("环节", "Step"),
    "time": ("时限", "Time"),
    "what": ("做什么", "What happens"),
    "area": ("地区", "Area"),
    "place": ("地点与时间", "Place and hours"),
    "windows": ("窗口", "Windows"),
    "telephone": ("咨询 / 投诉", "Enquiries / complaints"),
    "none": ("无", "None"),
}


def handbook(now: Published, department: str, lang: Lang = "zh") -> bytes:
    """The PDF of what a department's guides say today. Raises NotFound when it has none."""
    chosen = _of(now, department)  # first: a book that is never made would leave its fonts' files open
    return Handbook(now.tables, department, now.day, lang).made(chosen)


def made_apart(now: Published, department: str, lang: Lang) -> bytes:
    """The same, by a process of its own that stands back: some seconds of work, and tickets must not wait for them."""
    guides = {one.guide.code: one for one in _of(now, department)}
    task = pickle.dumps((replace(now, guides=guides), department, lang))
    command = [sys.executable, "-m", __name__]
    return subprocess.run(command, input=task, stdout=subprocess.PIPE, check=True, timeout=PATIENCE).stdout


def _of(now: Published, department: str) -> list[Version]:
    chosen = [one for one in now.guides.values() if one.guide.department == department]
    if not chosen:
        raise NotFound(f"department {department!r} has no guide in force today", department=department)
    return sorted(chosen, key=lambda one: (one.guide.name, one.guide.code))


class Handbook(FPDF):
    """A4, one language; `day` is the day it is printed."""

    def __init__(self, tables: Tables, department: str, day: date, lang: Lang) -> None:
        super().__init__(format="A4")
        self.tables, self.day, self.speaks = tables, day, lang
        self.department = name_of(tables.departments, department, lang)
        self.running: tuple[str, str] | None = None  # left and right above the line
        self.add_font("noto", "", NOTO / "NotoSansCJK-Regular.ttc", collection_font_number=SIMPLIFIED)
        self.add_font("noto", "B", NOTO / "NotoSansCJK-Bold.ttc", collection_font_number=SIMPLIFIED)
        self.set_margins(18, 18, 18)
        self.set_auto_page_break(True, margin=18)
        self.set_title(f"{self.department} {self.say('handbook')}")
        self.set_lang("zh-CN" if lang == "zh" else "en")
        self.wrap = WrapMode.CHAR if lang == "zh" else WrapMode.WORD

    def made(self, versions: Sequence[Version]) -> bytes:
        self._cover(len(versions))
        self.running = self.department, self.say("contents")
        self.add_page()
        self._running(versions[0])  # the page behind the contents begins at once
        self.insert_toc_placeholder(_contents, allow_extra_pages=True)
        for place, one in enumerate(versions):
            self._guide(one, first=place == 0)
        return bytes(self.output())

    def say(self, key: str, **facts: object) -> str:
        return WORDS[key][self.speaks == "en"].format(**facts)

    def label(self, field: str) -> str:
        return LABELS[field][self.speaks == "en"]

    def own(self, zh: str, en: str) -> str:
        return en or zh if self.speaks == "en" else zh

    # -- every page ---------------------------------------------------------------------------------------------------

    def header(self) -> None:
        if self.running is None:
            return
        left, right = self.running
        self._ink(8, SOFT)
        room = self.epw - self.get_string_width(right) - 6
        while len(left) > 1 and self.get_string_width(left) > room:
            left = left.removesuffix("…")[:-1] + "…"
        self.cell(self.epw / 2, 6, left)
        self.cell(0, 6, right, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_draw_color(*RULE)
        self.line(self.l_margin, self.get_y(), self.l_margin + self.epw, self.get_y())
        self.ln(4)

    def footer(self) -> None:
        if self.page_no() == 1:  # the cover
            return
        self.set_y(-13)
        self._ink(8, SOFT)
        self.cell(self.epw * 0.8, 6, self.say("printed", day=self.day))
        self.cell(0, 6, self.say("page", n=self.page_no()), align="R")

    # -- parts --------------------------------------------------------------------------------------------------------

    def _cover(self, count: int) -> None:
        self.add_page()
        self.set_fill_color(*BLUE)
        self.rect(0, 0, self.w, 96, style="F")
        self.set_y(44)
        self._ink(26, (255, 255, 255), "B")
        self._text(self.say("handbook"), 13)
        self._ink(15, (255, 255, 255))
        self._text(self.department, 9)
        self.set_y(112)
        self._ink(12, INK)
        self._text(self.say("for_staff"), 8)
        self._text(self.say("count", n=count, day=self.day), 8)

    def _guide(self, one: Version, *, first: bool) -> None:
        guide = one.guide
        name = self.own(guide.name, guide.name_en)
        held = self._running(one)
        if not first:  # behind the contents a page has begun already
            self.add_page()
        self._ink(17, BLUE, "B")
        self.start_section(name)
        self._text(name, 8.5)
        self._ink(9, SOFT)
        other = guide.name_en if self.speaks == "zh" else guide.name
        self._text(f"{other}\n{self.label('code')} {guide.code} · {held}", 5)
        self.ln(2)
        self._facts(guide)
        said = told(guide, self.tables, self.speaks)
        self._part("conditions", said.get("conditions", ""))
        self._materials(guide)
        self._steps(guide)
        self._places(guide)
        self._part("commitment", guide.commitment_note if guide.commitment else "")
        self._part("basis", "\n".join(guide.basis))
        self._questions(guide)
        self._part("change_note", guide.change_note)

    def _running(self, one: Version) -> str:
        """What stands above the line on the pages of this guide; the right half of it."""
        held = self.say("version", n=one.number, day=one.effective_from)
        self.running = self.own(one.guide.name, one.guide.name_en), held
        return held

    def _facts(self, guide: Guide) -> None:
        """What is asked most, in two columns."""
        said, tables, lang = told(guide, self.tables, self.speaks), self.tables, self.speaks
        fee = said.get("fee", "") + (f"（{guide.fee_basis}）" if guide.fee_basis else "")
        facts = [
            (self.label("promised"), said.get("time", "")),
            (self.label("kind"), name_of(tables.kinds, guide.kind, lang)),
            (self.label("fee"), fee),
            (self.label("visits"), said["visits"]),
            (self.label("result"), self.own(guide.result, guide.result_en)),
            (self.label("type"), name_of(tables.types, guide.type, lang)),
            (self.label("channels"), "、".join(name_of(tables.channels, one, lang) for one in guide.channels)),
            (self.label("aliases"), "、".join(guide.aliases)),
        ]
        self._table((22, 65, 22, 65), None, [[*facts[at], *facts[at + 1]] for at in range(0, len(facts), 2)], (0, 2))

    def _materials(self, guide: Guide) -> None:
        tables, lang, rows = self.tables, self.speaks, []
        for n, one in enumerate(guide.materials, 1):
            form = name_of(tables.material_forms, one.form, lang) + (f" × {one.copies}" if one.copies else "")
            need = name_of(tables.necessity, one.necessity, lang)
            if one.exempt:
                need = name_of(tables.exemptions, one.exempt, lang)
            notes = [
                self.own(one.when, one.when_en),
                self.own(one.specification, one.specification_en),
                one.issued_by or name_of(tables.sources, one.source, lang),
                self.own(one.acceptance, one.acceptance_en),
            ]
            name = f"{n}. {self.own(one.name, one.name_en)}"
            rows.append([name, form, need, "\n".join(note for note in notes if note)])
        self._heading("materials")
        if rows:
            self._table((52, 26, 28, 68), ("material", "form", "need", "notes"), rows)
        else:
            self._text(self.say("none"), ROW)

    def _steps(self, guide: Guide) -> None:
        tables, lang = self.tables, self.speaks
        rows = [
            [
                f"{n}. {name_of(tables.stages, one.stage, lang)}",
                span(one.time, tables, lang),
                self.own(one.what, one.what_en),
            ]
            for n, one in enumerate(guide.steps, 1)
        ]
        if rows:
            self._heading("steps")
            self._table((28, 32, 114), ("stage", "time", "what"), rows)

    def _places(self, guide: Guide) -> None:
        rows = []
        for one in guide.places:
            place = f"{self.own(one.name, one.name_en)}\n{self.own(one.hours, one.hours_en)}".strip()
            windows = "、".join(map(str, one.windows))
            phones = "\n".join(number for number in (one.enquiry, one.complaint) if number)
            rows.append([name_of(self.tables.areas, one.area, self.speaks), place, windows, phones])
        if rows:
            self._heading("places")
            self._table((26, 92, 20, 36), ("area", "place", "windows", "telephone"), rows)

    def _questions(self, guide: Guide) -> None:
        if guide.faq:
            self._heading("faq")
        for one in guide.faq:
            self._ink(9.5, INK, "B")
            self._text(self.own(one.question, one.question_en), ROW)
            self._ink(9.5, INK)
            self._text(self.own(one.answer, one.answer_en), ROW)
            self.ln(1)

    def _part(self, field: str, text: str) -> None:
        if text.strip():
            self._heading(field)
            self._ink(9.5, INK)
            self._text(text.strip(), ROW)

    # -- how it looks -------------------------------------------------------------------------------------------------

    def _heading(self, field: str) -> None:
        if self.will_page_break(24):  # no heading alone at the foot of a page
            self.add_page()
        self.ln(3)
        self._ink(11.5, BLUE, "B")
        self._text(self.label(field), 7)

    def _table(
        self,
        widths: tuple[int, ...],
        heading: tuple[str, ...] | None,
        rows: Sequence[Sequence[str]],
        bold: tuple[int, ...] = (),
    ) -> None:
        self._ink(9, INK)
        self.set_draw_color(*RULE)
        self.set_fill_color(255)
        head = FontFace(emphasis="BOLD", color=SOFT, fill_color=PALE)
        with self.table(
            width=sum(widths),
            col_widths=widths,
            line_height=ROW - 0.6,
            padding=1.2,
            text_align="LEFT",
            v_align=VAlign.T,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            cell_fill_mode=TableCellFillMode.NONE,
            first_row_as_headings=heading is not None,
            headings_style=head,
            wrapmode=self.wrap,
        ) as table:
            if heading:
                table.row([self.say(key) for key in heading])
            for cells in rows:
                row = table.row()
                for place, cell in enumerate(cells):
                    row.cell(cell, style=FontFace(color=SOFT) if place in bold else None)

    def _text(self, text: str, height: float) -> None:
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=self.wrap)

    def _ink(self, size: float, colour: tuple[int, int, int], style: Literal["", "B"] = "") -> None:
        self.set_font("noto", style, size)
        self.set_text_color(*colour)


def _contents(pdf: FPDF, outline: list[OutlineSection]) -> None:
    assert isinstance(pdf, Handbook)
    pdf.running = pdf.department, pdf.say("contents")  # where the contents take more pages than were kept
    pdf.set_x(pdf.l_margin)
    pdf._ink(17, BLUE, "B")
    pdf._text(pdf.say("contents"), 11)
    pdf._ink(10, INK)
    for section in outline:
        link = pdf.add_link(page=section.page_number)
        top = pdf.get_y()
        pdf.multi_cell(
            pdf.epw - 14, 6.4, section.name, align="L", link=link, new_x=XPos.RIGHT, new_y=YPos.TOP, wrapmode=pdf.wrap
        )
        pdf.set_xy(pdf.l_margin + pdf.epw - 14, top)
        pdf.cell(14, 6.4, str(section.page_number), align="R", link=link)
        pdf.set_xy(pdf.l_margin, top + 6.4 * _lines(pdf, section.name, pdf.epw - 14))
        pdf.ln(1.2)


def _lines(pdf: Handbook, text: str, width: float) -> int:
    lines = pdf.multi_cell(width, 6.4, text, dry_run=True, output="LINES", wrapmode=pdf.wrap)
    return len(lines) if isinstance(lines, list) else 1


if __name__ == "__main__":
    os.nice(10)
    sys.stdout.buffer.write(handbook(*pickle.loads(sys.stdin.buffer.read())))
