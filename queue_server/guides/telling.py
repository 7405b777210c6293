"""A guide's fields as sentences, for searching, reading and printing: what is stored, nothing added."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from queue_server.guides.model import Entry, Guide, Material, Place, Span, Tables

ON_THE_SPOT = {"zh": "当场", "en": "on the spot"}


def name_of(table: Mapping[str, Entry], code: str, lang: str) -> str:
    """What a code means; the code itself where the tables do not know it."""
    entry = table.get(code)
    return code if entry is None else entry.zh if lang == "zh" else entry.en


def span(time: Span, tables: Tables, lang: str) -> str:
    """Such as 3 个工作日 or 当场, and its note in brackets; in English only a note that has its English."""
    unit = name_of(tables.units, time.unit, lang)
    words = ON_THE_SPOT[lang] if time.number == 0 else f"{time.number} {unit}"
    if lang == "zh":
        return f"{words}（{time.note}）" if time.note else words
    return f"{words} ({time.note_en})" if time.note_en else words


def told(guide: Guide, tables: Tables, lang: str) -> dict[str, str]:
    """Field -> its text, in the order people ask; what the guide does not say is left out."""
    found = {field: say(guide, tables, lang) for field, say in FIELDS.items()}
    return {field: text for field, text in found.items() if text}


def _materials(guide: Guide, tables: Tables, lang: str) -> str:
    bring = [one for one in guide.materials if not one.exempt]
    spare = [one for one in guide.materials if one.exempt]
    lines = [f"{n}. {_material(one, tables, lang)}" for n, one in enumerate(bring, 1)]
    if spare:
        names = [_own(one.name, one.name_en, lang) for one in spare]
        lines.append(f"不用带：{'、'.join(names)}" if lang == "zh" else f"No need to bring: {', '.join(names)}")
    if not guide.materials:
        lines.append("不用带材料" if lang == "zh" else "Nothing to bring")
    return "\n".join(lines)


def _material(one: Material, tables: Tables, lang: str) -> str:
    form = name_of(tables.material_forms, one.form, lang)
    copies = (f"{one.copies} 份" if lang == "zh" else f"× {one.copies}") if one.copies > 1 else ""
    notes = [form, copies, _own(one.when, one.when_en, lang)]
    if one.necessity != "required":
        notes.append(name_of(tables.necessity, one.necessity, lang))
    text = ("，" if lang == "zh" else ", ").join(note for note in notes if note)
    name = _own(one.name, one.name_en, lang)
    return f"{name}（{text}）" if lang == "zh" else f"{name} ({text})"


def _time(guide: Guide, tables: Tables, lang: str) -> str:
    if guide.promised is None:
        return ""
    promised = span(guide.promised, tables, lang)
    text = f"{promised}办好" if lang == "zh" else f"Done {'' if guide.promised.number == 0 else 'within '}{promised}"
    if guide.statutory is None:
        return text
    legal = span(guide.statutory, tables, lang)
    return f"{text}（法定 {legal}）" if lang == "zh" else f"{text} (the law allows {legal})"


def _fee(guide: Guide, tables: Tables, lang: str) -> str:
    if not guide.fee:
        return "不收费" if lang == "zh" else "Free of charge"
    return _own(guide.fee_standard, guide.fee_standard_en, lang)


def _visits(guide: Guide, tables: Tables, lang: str) -> str:
    if guide.visits == 0:
        return "一次都不用跑" if lang == "zh" else "No visit needed"
    reason = _own(guide.visits_reason, guide.visits_reason_en, lang)
    times = f"跑 {guide.visits} 次" if lang == "zh" else f"{guide.visits} visit{'s' if guide.visits > 1 else ''}"
    return f"{times}：{reason}" if lang == "zh" else f"{times}: {reason}"


def _conditions(guide: Guide, tables: Tables, lang: str) -> str:
    return _own(guide.conditions, guide.conditions_en, lang).strip()


def _steps(guide: Guide, tables: Tables, lang: str) -> str:
    lines = []
    for n, step in enumerate(guide.steps, 1):
        stage, time = name_of(tables.stages, step.stage, lang), span(step.time, tables, lang)
        what = _own(step.what, step.what_en, lang)
        lines.append(f"{n}. {stage}（{time}）：{what}" if lang == "zh" else f"{n}. {stage} ({time}): {what}")
    return "\n".join(lines)


def _of_places(say: Callable[[Place, str], str]) -> Callable[[Guide, Tables, str], str]:
    def field(guide: Guide, tables: Tables, lang: str) -> str:
        told = {place.area: say(place, lang) for place in guide.places}
        lines = [f"{name_of(tables.areas, area, lang)}：{text}" for area, text in told.items() if text]
        return "\n".join(lines if lang == "zh" else [line.replace("：", ": ", 1) for line in lines])

    return field


def _phones(place: Place, lang: str) -> str:
    words = ("咨询", "投诉") if lang == "zh" else ("enquiries", "complaints")
    return ("，" if lang == "zh" else ", ").join(
        f"{word} {number}" for word, number in zip(words, (place.enquiry, place.complaint), strict=True) if number
    )


def _own(zh: str, en: str, lang: str) -> str:
    return en or zh if lang == "en" else zh


FIELDS: dict[str, Callable[[Guide, Tables, str], str]] = {  # by the names the search's questions use
    "materials": _materials,
    "time": _time,
    "fee": _fee,
    "visits": _visits,
    "where": _of_places(lambda place, lang: _own(place.name, place.name_en, lang)),
    "hours": _of_places(lambda place, lang: _own(place.hours, place.hours_en, lang)),
    "phone": _of_places(_phones),
    "conditions": _conditions,
    "steps": _steps,
}
