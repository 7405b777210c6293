"""A guide as it is shown, read aloud and printed: its own fields word for word, between sentences of the catalogue.

`lang` is "zh" or "en"; where a field has no English the Chinese stands. `here` is what this terminal's place is known
by, the id of its hall or its area; empty: the guide's first place. Nothing here waits, asks or remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Literal

from kiosk.guides_client import Guide, Material, Place, Queue, Tables, Time
from kiosk.i18n import Catalogue
from kiosk.papers import windows_text

Group = Literal["bring", "if", "later", "spare"]
GROUPS: tuple[Group, ...] = ("bring", "if", "later", "spare")
NEEDED: dict[str, Group] = {"optional": "if", "later": "later"}  # table necessity -> group; all else everybody brings
VALUE = {"zh": 12, "en": 24}  # characters a card shows large; what is longer stands small below
ALOUD = {"zh": 90, "en": 300}  # characters read in 20 s
COMMA = {"zh": "，", "en": ", "}
AND = {"zh": "、", "en": ", "}  # between names
COLON = {"zh": "：", "en": ": "}


@dataclass(frozen=True)
class Card:
    """One of the five figures people come for: `key` is materials, time, fee, windows or visits."""

    key: str
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class MaterialLine:
    """`at` is its place in the guide, by which it is ticked; `note` its form, copies and condition; `detail` how it
    must be; `accepted` what the window looks at; `exempt` why it need not be brought, then part of the note.
    """

    at: int
    group: Group
    name: str
    note: str
    detail: str = ""
    accepted: str = ""
    exempt: str = ""


@dataclass(frozen=True)
class StepLine:
    """Number, stage, time, and what happens."""

    number: int
    stage: str
    time: str
    what: str


@dataclass(frozen=True)
class PlaceLine:
    """`windows` such as "1–4、8", empty where none are known. A ticket is offered with an open `queue`, for
    `ticket_item` or, where that is None, for the line.
    """

    area: str
    name: str
    windows: str
    hours: str
    enquiry: str
    complaint: str
    here: bool
    queue: Queue | None
    ticket_item: str | None


@dataclass(frozen=True)
class Asked:
    """A frequent question and its answer."""

    question: str
    answer: str


def title(guide: Guide, lang: str) -> str:
    return own(guide.name, guide.name_en, lang)


def version_line(guide: Guide, lang: str) -> str:
    return say(lang, "guide.version", version=guide.number, date=guide.effective_from.isoformat())


# -- cards ------------------------------------------------------------------------------------------------------------


def cards(guide: Guide, tables: Tables, lang: str, here: str = "") -> tuple[Card, ...]:
    """Materials, time, fee, windows, visits. A time that is not promised has no card."""
    time = [_time_card(guide, tables, lang)] if guide.promised else []
    return (
        _materials_card(guide, lang),
        *time,
        _fee_card(guide, lang),
        _windows_card(guide, lang, here),
        _visits_card(guide, lang),
    )


def _materials_card(guide: Guide, lang: str) -> Card:
    spare = sum(bool(one.exempt) for one in guide.materials)
    bring = len(guide.materials) - spare
    value = say(lang, "guide.count", count=bring) if bring else say(lang, "list.none")
    note = say(lang, "guide.spare", count=spare) if spare and bring else ""
    return Card("materials", say(lang, "label.materials"), value, note)


def _time_card(guide: Guide, tables: Tables, lang: str) -> Card:
    promised = guide.promised or Time(0)
    notes = [time_note(promised, lang)]
    if guide.statutory:
        notes.append(say(lang, "guide.legal", time=time_text(guide.statutory, tables, lang)))
    note = COMMA[lang].join(filter(None, notes))
    return Card("time", say(lang, "label.time"), time_text(promised, tables, lang), note)


def _fee_card(guide: Guide, lang: str) -> Card:
    label, standard = say(lang, "label.fee"), own(guide.fee_standard, guide.fee_standard_en, lang)
    if not guide.fee:
        return Card("fee", label, say(lang, "guide.free"))
    if standard and len(standard) <= VALUE[lang]:
        return Card("fee", label, standard.rstrip("。."))
    return Card("fee", label, say(lang, "guide.paid"), standard)


def _windows_card(guide: Guide, lang: str, here: str) -> Card:
    label, place = say(lang, "label.windows"), place_here(guide, here)
    if place is None and guide.places:
        return Card("windows", label, say(lang, "guide.windows.elsewhere"), _name(guide.places[0], lang))
    if place is None or not place.served_at:
        return Card("windows", label, say(lang, "guide.windows.ask"), _name(place, lang) if place else "")
    return Card("windows", label, say(lang, "guide.windows", windows=_windows(place, lang)), _name(place, lang))


def _visits_card(guide: Guide, lang: str) -> Card:
    value = say(lang, "guide.visits", count=guide.visits) if guide.visits else say(lang, "guide.visits.none")
    return Card("visits", say(lang, "label.visits"), value, own(guide.visits_reason, guide.visits_reason_en, lang))


# -- the page ---------------------------------------------------------------------------------------------------------


def material_lines(guide: Guide, tables: Tables, lang: str) -> tuple[MaterialLine, ...]:
    """What everybody brings, then what some bring, what may follow, and what need not be brought."""
    lines = [_material_line(at, one, tables, lang) for at, one in enumerate(guide.materials)]
    return tuple(sorted(lines, key=lambda line: GROUPS.index(line.group)))


def _material_line(at: int, one: Material, tables: Tables, lang: str) -> MaterialLine:
    group = _group(one)
    when = own(one.when, one.when_en, lang)
    exempt = meaning(tables, "exemptions", one.exempt, lang) if one.exempt else ""
    if exempt:
        notes = [exempt, when]
    else:
        copies = say(lang, "guide.copies", count=one.copies) if one.copies > 1 else ""
        later = say(lang, "list.later") if group == "later" else ""
        notes = [meaning(tables, "material_forms", one.form, lang), copies, when, later]
    return MaterialLine(
        at=at,
        group=group,
        name=own(one.name, one.name_en, lang),
        note=" · ".join(filter(None, notes)),
        detail=own(one.specification, one.specification_en, lang),
        accepted=own(one.acceptance, one.acceptance_en, lang),
        exempt=exempt,
    )


def missing(guide: Guide, ticked: Collection[int]) -> tuple[int, ...]:
    """Which of the materials everybody brings (places in the guide) are not among those ticked."""
    return tuple(at for at, one in enumerate(guide.materials) if _group(one) == "bring" and at not in ticked)


def _group(one: Material) -> Group:
    return "spare" if one.exempt else NEEDED.get(one.necessity, "bring")


def step_lines(guide: Guide, tables: Tables, lang: str) -> tuple[StepLine, ...]:
    return tuple(
        StepLine(
            number,
            meaning(tables, "stages", step.stage, lang),
            noted(time_text(step.time, tables, lang), time_note(step.time, lang), lang),
            own(step.what, step.what_en, lang),
        )
        for number, step in enumerate(guide.steps, 1)
    )


def step_text(step: StepLine, lang: str) -> str:
    """The step without its number, on one line."""
    stage = noted(step.stage, step.time, lang)
    return f"{stage}{COLON[lang]}{step.what}" if step.what else stage


def conditions(guide: Guide, lang: str) -> tuple[str, ...]:
    """Line by line, as they stand."""
    lines = own(guide.conditions, guide.conditions_en, lang).splitlines()
    return tuple(line.strip() for line in lines if line.strip())


def faq(guide: Guide, lang: str) -> tuple[Asked, ...]:
    """Question and answer stay in one language: in Chinese unless both have their English."""
    asked = []
    for one in guide.faq:
        both = lang == "en" and one.question_en and one.answer_en
        asked.append(Asked(one.question_en, one.answer_en) if both else Asked(one.question, one.answer))
    return tuple(asked)


def places(guide: Guide, tables: Tables, lang: str, here: str = "") -> tuple[PlaceLine, ...]:
    """This place first, the others in the guide's order."""
    mine = place_here(guide, here)
    ordered = sorted(guide.places, key=lambda place: place is not mine)
    return tuple(
        PlaceLine(
            area=meaning(tables, "areas", place.area, lang),
            name=_name(place, lang),
            windows=_windows(place, lang),
            hours=own(place.hours, place.hours_en, lang),
            enquiry=place.enquiry,
            complaint=place.complaint,
            here=place is mine,
            queue=place.queue,
            ticket_item=place.ticket_item,
        )
        for place in ordered
    )


def place_here(guide: Guide, here: str) -> Place | None:
    """The guide's place in this hall or else in this area; None if it is done elsewhere only."""
    if not here:
        return guide.places[0] if guide.places else None
    in_hall = (place for place in guide.places if place.hall == here)
    in_area = (place for place in guide.places if place.area == here)
    return next(in_hall, None) or next(in_area, None)


def answer(guide: Guide, tables: Tables, lang: str, field: str) -> str:
    """What a question asks for (`Found.field`), as the guide has it; "" if it says nothing of that."""
    told = ANSWERS.get(field)
    return "\n".join(filter(None, told(guide, tables, lang))) if told else ""


def _card_of(key: str) -> Callable[[Guide, Tables, str], list[str]]:
    def told(guide: Guide, tables: Tables, lang: str) -> list[str]:
        return [text for card in cards(guide, tables, lang) if card.key == key for text in (card.value, card.note)]

    return told


def _of_places(text: Callable[[PlaceLine], str]) -> Callable[[Guide, Tables, str], list[str]]:
    def told(guide: Guide, tables: Tables, lang: str) -> list[str]:
        colon = COLON[lang]
        return [f"{one.area}{colon}{text(one)}" for one in places(guide, tables, lang) if text(one)]

    return told


ANSWERS: dict[str, Callable[[Guide, Tables, str], list[str]]] = {  # by the names the search gives to fields
    "materials": lambda guide, tables, lang: [noted(m.name, m.note, lang) for m in material_lines(guide, tables, lang)],
    "time": _card_of("time"),
    "fee": _card_of("fee"),
    "visits": _card_of("visits"),
    "where": _of_places(lambda place: place.name),
    "hours": _of_places(lambda place: place.hours),
    "phone": _of_places(lambda place: place.enquiry),
    "conditions": lambda guide, tables, lang: list(conditions(guide, lang)),
    "steps": lambda guide, tables, lang: [
        f"{step.number}. {step_text(step, lang)}" for step in step_lines(guide, tables, lang)
    ],
}


# -- aloud ------------------------------------------------------------------------------------------------------------


def spoken(guide: Guide, tables: Tables, lang: str, here: str = "") -> str:
    """What is worth hearing, in at most about 20 s: names of materials only where there is time for them."""
    name = own(guide.called if len(guide.name) > VALUE["zh"] else guide.name, guide.name_en, lang)
    said = [name + ("。" if lang == "zh" else "."), "", _time_aloud(guide, tables, lang)]
    said.append(say(lang, "guide.voice.paid" if guide.fee else "guide.voice.free"))
    place = place_here(guide, here)
    if place and place.served_at:
        windows = _windows(place, lang).replace("–", "到" if lang == "zh" else " to ")
        said.append(say(lang, "guide.voice.windows", windows=windows))
    said[1] = _materials_aloud(guide, lang, ALOUD[lang] - sum(len(one) + 1 for one in said))
    if sum(map(len, said)) > ALOUD[lang]:  # a name that long is quicker read than heard
        said[0] = ""
    return ("" if lang == "zh" else " ").join(filter(None, said))


def _materials_aloud(guide: Guide, lang: str, room: int) -> str:
    names = [own(one.name, one.name_en, lang) for one in guide.materials if not one.exempt]
    if not names:
        return say(lang, "guide.voice.none")
    full = say(lang, "guide.voice.bring", count=len(names), names=AND[lang].join(names))
    return full if len(full) <= room else say(lang, "guide.voice.many", count=len(names))


def _time_aloud(guide: Guide, tables: Tables, lang: str) -> str:
    if guide.promised is None:
        return ""
    if guide.promised.number == 0:
        return say(lang, "guide.voice.spot")
    return say(lang, "guide.voice.time", time=time_text(guide.promised, tables, lang))


# -- words ------------------------------------------------------------------------------------------------------------


@cache
def _words() -> Catalogue:
    """Read when the first guide is shown, not when this module is imported."""
    return Catalogue()


def say(lang: str, key: str, **facts: object) -> str:
    """A sentence of ours."""
    return _words().say(lang, key, **facts)


def own(zh: str, en: str, lang: str) -> str:
    """A field in this language; the Chinese where it has no English."""
    return en or zh if lang == "en" else zh


def meaning(tables: Tables, table: str, code: str, lang: str) -> str:
    """What a code means; the code itself where the tables do not know it."""
    entry = tables.get(table, {}).get(code)
    return entry.in_language(lang) if entry else code


def time_text(time: Time, tables: Tables, lang: str) -> str:
    """Such as 3 个工作日 or 当场, without its note."""
    if time.number == 0:
        return say(lang, "guide.spot")
    unit = meaning(tables, "units", time.unit, lang).replace("(s)", "" if time.number == 1 else "s")
    return f"{time.number} {unit}"


def time_note(time: Time, lang: str) -> str:
    """Beside an English time no Chinese: a note without English is left out."""
    return time.note_en if lang == "en" else time.note


def noted(text: str, note: str, lang: str) -> str:
    """A text and what is to be added, in brackets."""
    if not note:
        return text
    return f"{text}（{note}）" if lang == "zh" else f"{text} ({note})"


def _name(place: Place, lang: str) -> str:
    return own(place.name, place.name_en, lang)


def _windows(place: Place, lang: str) -> str:
    text = windows_text(place.served_at)
    return text if lang == "zh" else text.replace("、", ", ")
