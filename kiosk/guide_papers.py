"""What the lookup terminal prints: the checklist of materials and the guide in short, as paper documents.

Always in Chinese, which the windows read; for somebody who reads English it stands below. Only this terminal's place is
printed. Of the fields nothing is shortened: what the screen says, the paper says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from devices.paper import blocks as b
from kiosk import guide_text as text
from kiosk.answers import Name
from kiosk.guide_text import MaterialLine, PlaceLine
from kiosk.guides_client import Guide, Tables
from kiosk.i18n import LANGUAGES

DOT = "·"
TICKED = "√"  # in every printer's own characters
Line = TypeVar("Line")


@dataclass(frozen=True)
class Facts:
    """What both papers say. `printed_at` in the hall's zone; `here` as in guide_text; `url`, ASCII, is the guide's own
    page for the QR code, empty: none.
    """

    guide: Guide
    tables: Tables
    hall: Name
    printed_at: datetime
    lang: str = "zh"
    here: str = ""
    url: str = ""
    style: b.Style = "normal"


def checklist(facts: Facts, ticked: Collection[int] = ()) -> b.Document:
    """What to bring. `ticked` are places in the guide's materials that somebody has with them: what is missing comes
    first then, and what is ticked is marked.
    """
    tell = _Both(facts)
    blocks = [*_head(facts, tell, "list.title"), *_bring(tell, set(ticked)), *_spare(tell)]
    if any(place.complaint for place, _ in tell.place):
        blocks += [b.Rule(), b.Text(*tell("list.rule"))]
    return b.Document((*blocks, b.Rule(), *_where(tell), *_end(facts, tell)), facts.style)


def summary(facts: Facts) -> b.Document:
    """The guide in short."""
    tell = _Both(facts)
    blocks = [*_head(facts, tell, "guide.title"), *_figures(facts, tell), *_conditions(facts, tell), *_steps(tell)]
    return b.Document((*blocks, b.Rule(), *_where(tell), *_end(facts, tell)), facts.style)


class _Both:
    """Chinese and, for who reads English, English; the latter empty otherwise."""

    def __init__(self, facts: Facts) -> None:
        guide, tables, here = facts.guide, facts.tables, facts.here
        self.english = facts.lang == "en"
        self.materials = _paired(text.material_lines(guide, tables, one) for one in LANGUAGES)
        self.steps = _paired(text.step_lines(guide, tables, one) for one in LANGUAGES)
        self.place = _paired(text.places(guide, tables, one, here) for one in LANGUAGES)[:1]  # this one

    def __call__(self, key: str, **said: object) -> tuple[str, str]:
        return self.either(text.say("zh", key, **said), text.say("en", key, **said))

    def either(self, zh: str, en: str) -> tuple[str, str]:
        """Not the same words twice, where a field has no English."""
        return zh, en if self.english and en != zh else ""


def _paired(both: Iterable[tuple[Line, ...]]) -> list[tuple[Line, Line]]:
    zh, en = both
    return list(zip(zh, en, strict=True))


def _head(facts: Facts, tell: _Both, title: str) -> list[b.Block]:
    guide, hall = facts.guide, facts.hall
    return [
        b.Text(*tell(title), size="title", centre=True),
        b.Text(*tell.either(hall.zh, hall.in_language("en")), centre=True),
        b.Rule(heavy=True),
        b.Text(*tell.either(guide.name, guide.name_en or guide.name), size="strong", shrink=True),
        b.Rule(),
    ]


# -- materials --------------------------------------------------------------------------------------------------------


def _bring(tell: _Both, ticked: set[int]) -> list[b.Block]:
    listed = [both for both in tell.materials if both[0].group != "spare"]
    if not listed:
        return [b.Text(*tell("list.none"), bold=True)]
    if not any(zh.at in ticked for zh, _ in listed):
        return [_heading(tell, "list.bring", listed), *(_tick(tell, *both) for both in listed)]
    have = [both for both in listed if both[0].at in ticked]
    rest = [both for both in listed if both[0].at not in ticked]
    missing = [both for both in rest if both[0].group == "bring"]
    others = [both for both in rest if both[0].group != "bring"]
    first = _heading(tell, "list.missing", missing) if missing else b.Text(*tell("list.all"), bold=True)
    blocks: list[b.Block] = [first, *(_tick(tell, *both) for both in missing)]
    if others:
        blocks += [_heading(tell, "list.if", others), *(_tick(tell, *both) for both in others)]
    return [*blocks, _heading(tell, "list.ready", have), *(_marked(tell, *both) for both in have)]


def _spare(tell: _Both) -> list[b.Block]:
    """Those for one reason stand together."""
    spare = [both for both in tell.materials if both[0].group == "spare"]
    if not spare:
        return []
    reasons: dict[str, list[tuple[MaterialLine, MaterialLine]]] = {}
    for zh, en in spare:
        reasons.setdefault(zh.exempt, []).append((zh, en))
    blocks: list[b.Block] = [b.Rule(), _heading(tell, "list.spare", spare)]
    for lines in reasons.values():
        reason, reason_en = (one.exempt for one in lines[0])
        names, names_en = "、".join(one.name for one, _ in lines), ", ".join(one.name for _, one in lines)
        blocks.append(b.Note(DOT, *tell.either(f"{reason}：{names}", f"{reason_en}: {names_en}")))
    return blocks


def _heading(tell: _Both, key: str, lines: list[tuple[MaterialLine, MaterialLine]]) -> b.Text:
    return b.Text(*tell(key, count=len(lines)), bold=True)


def _tick(tell: _Both, zh: MaterialLine, en: MaterialLine) -> b.Tick:
    """A tick has one small line below: English readers get theirs there, the window sees the Chinese name."""
    if not tell.english:
        return b.Tick(zh.name, f" {DOT} ".join(filter(None, (zh.note, zh.detail))))
    name = en.name if en.name != zh.name else ""
    return b.Tick(zh.name, f" {DOT} ".join(filter(None, (name, en.note, en.detail))))


def _marked(tell: _Both, zh: MaterialLine, en: MaterialLine) -> b.Note:
    return b.Note(TICKED, *tell.either(zh.name, en.name))


# -- in short ---------------------------------------------------------------------------------------------------------


def _figures(facts: Facts, tell: _Both) -> list[b.Block]:
    cards = (text.cards(facts.guide, facts.tables, lang, facts.here) for lang in LANGUAGES)
    blocks: list[b.Block] = []
    for zh, en in zip(*cards, strict=True):
        label_en = f"{en.label}: {en.value}" if tell.english else ""
        blocks.append(b.Pair(zh.label, zh.value, label_en, strong=True))
        if zh.note and zh.key != "windows":  # the place stands below
            blocks.append(b.Text(*tell.either(zh.note, en.note), size="small"))
    return blocks


def _conditions(facts: Facts, tell: _Both) -> list[b.Block]:
    zh, en = (text.conditions(facts.guide, lang) for lang in LANGUAGES)
    if not zh:
        return []
    blocks: list[b.Block] = [b.Rule(), b.Text(*tell("guide.conditions"), bold=True)]
    blocks += [b.Text(line) for line in zh]
    if tell.english and en != zh:
        blocks += [b.Text(line, size="small") for line in en]
    return blocks


def _steps(tell: _Both) -> list[b.Block]:
    if not tell.steps:
        return []
    blocks: list[b.Block] = [b.Rule(), b.Text(*tell("guide.steps"), bold=True)]
    for zh, en in tell.steps:
        said = (text.step_text(zh, "zh"), text.step_text(en, "en"))
        blocks.append(b.Note(f"{zh.number}.", *tell.either(*said)))
    return blocks


# -- where, and the end -----------------------------------------------------------------------------------------------


def _where(tell: _Both) -> list[b.Block]:
    blocks: list[b.Block] = []
    for zh, en in tell.place:
        said = [
            ("label.where", *(_place_text(one, lang) for one, lang in ((zh, "zh"), (en, "en")))),
            ("label.hours", zh.hours, en.hours),
            ("label.phone", zh.enquiry, zh.enquiry),
            ("label.complaint", zh.complaint, zh.complaint),
        ]
        for key, value, value_en in said:
            label, label_en = tell(key)
            if value:
                blocks.append(b.Note(label, value, f"{label_en}: {value_en}" if label_en else ""))
    return blocks


def _place_text(place: PlaceLine, lang: str) -> str:
    return text.say(lang, "guide.place", place=place.name, windows=place.windows) if place.windows else place.name


def _end(facts: Facts, tell: _Both) -> list[b.Block]:
    version, version_en = tell.either(*(text.version_line(facts.guide, lang) for lang in LANGUAGES))
    live, live_en = tell("guide.live")
    last: b.Block = b.Text(version, version_en)
    if facts.url:
        last = b.Code(facts.url, live, " · ".join(filter(None, (live_en, version_en))), version)
    printed, printed_en = tell("guide.printed")
    foot: list[b.Block] = [b.Foot(f"{facts.printed_at:%Y-%m-%d %H:%M}", printed)]
    if printed_en:  # no room beside the Chinese
        foot.append(b.Text(printed_en, size="small"))
    return [b.Rule(), last, b.Rule(), *foot]
