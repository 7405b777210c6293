"""What must hold of a guide before it is published: named rules, each with words for whoever has to mend it.

A rule looks at a guide and yields where it is broken: the field, and what its message names. The rules are those of
the national standard lists and of the law named beside them; what a type of item demands stands in the tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from queue_server.guides import codes
from queue_server.guides.model import Guide, Span, Tables

TELEPHONE = re.compile(r"0[0-9]{2,3}-[0-9]{5,8}([-转][0-9]{1,6})?")
Found = Iterator[tuple[str, dict[str, object]]]  # the field, and the words of the message


@dataclass(frozen=True, slots=True)
class Rule:
    """`zh` and `en` say what is wrong and how to mend it; {…} is filled in by what `find` yields."""

    name: str
    zh: str
    en: str
    find: Callable[[Guide, Tables], Found]


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule broken in one field (`materials.2.name` counts from 0)."""

    rule: str
    field: str
    zh: str
    en: str


def breaches(guide: Guide, tables: Tables) -> list[Breach]:
    """Everything that keeps a guide from being published; empty: nothing does."""
    return [
        Breach(rule.name, field, rule.zh.format(**words), rule.en.format(**words))
        for rule in RULES.values()
        for field, words in rule.find(guide, tables)
    ]


def hours(span: Span, tables: Tables) -> float | None:
    """A time to compare others with; None in a unit the tables do not know."""
    unit = tables.units.get(span.unit)
    return span.number * unit.hours if unit else None


def _codes(guide: Guide, tables: Tables) -> Found:
    for field, table, used in _used(guide):
        known = getattr(tables, table)
        for code in used:
            if code and code not in known:
                yield field, {"code": code, "table": table, "known": ", ".join(known)}


def _used(guide: Guide) -> Iterator[tuple[str, str, Iterable[str]]]:
    """(field, the table of its codes, the codes it holds)."""
    yield "type", "types", [guide.type]
    yield "level", "levels", [guide.level]
    yield "department", "departments", [guide.department]
    yield "themes", "themes", guide.themes
    yield "audience", "audiences", guide.audience
    yield "life_events", "life_events", guide.life_events
    yield "kind", "kinds", [guide.kind]
    yield "channels", "channels", guide.channels
    yield "online_depth", "online_depths", [guide.online_depth]
    yield "delivery", "deliveries", guide.delivery
    for field, span in _times(guide):
        yield f"{field}.unit", "units", [span.unit]
    for at, step in enumerate(guide.steps):
        yield f"steps.{at}.stage", "stages", [step.stage]
    for at, material in enumerate(guide.materials):
        yield f"materials.{at}.kind", "material_kinds", [material.kind]
        yield f"materials.{at}.form", "material_forms", [material.form]
        yield f"materials.{at}.source", "sources", [material.source]
        yield f"materials.{at}.necessity", "necessity", [material.necessity]
        yield f"materials.{at}.exempt", "exemptions", [material.exempt]
    for at, place in enumerate(guide.places):
        yield f"places.{at}.area", "areas", [place.area]


def _times(guide: Guide) -> Iterator[tuple[str, Span]]:
    if guide.statutory:
        yield "statutory", guide.statutory
    if guide.promised:
        yield "promised", guide.promised
    for at, step in enumerate(guide.steps):
        yield f"steps.{at}.time", step.time


def _code_structure(guide: Guide, tables: Tables) -> Found:
    if codes.parts(guide.code) is None:
        yield "code", {"code": guide.code, "length": len(guide.code)}


def _code_check(guide: Guide, tables: Tables) -> Found:
    if codes.parts(guide.code) and not codes.credit_code_holds(guide.code[:18]):
        yield "code", {"credit": guide.code[:18]}


def _code_level(guide: Guide, tables: Tables) -> Found:
    parts, level = codes.parts(guide.code), tables.levels.get(guide.level)
    if parts and level and parts.level != level.code:
        yield "code", {"digit": parts.level, "level": level.zh, "level_en": level.en, "expected": level.code}


def _code_type(guide: Guide, tables: Tables) -> Found:
    parts, kind = codes.parts(guide.code), tables.types.get(guide.type)
    if parts and kind and parts.type != kind.code:
        yield "code", {"digits": parts.type, "type": kind.zh, "type_en": kind.en, "expected": kind.code}


def _code_department(guide: Guide, tables: Tables) -> Found:
    department = tables.departments.get(guide.department)
    if department and guide.code[:18] != department.credit_code:
        yield "code", {"credit": guide.code[:18], "department": department.zh, "expected": department.credit_code}


def _effective(guide: Guide, tables: Tables) -> Found:
    if guide.effective_from and guide.effective_to and guide.effective_from > guide.effective_to:
        yield "effective_to", {"start": guide.effective_from, "end": guide.effective_to}


def _immediate(guide: Guide, tables: Tables) -> Found:
    kind = tables.kinds.get(guide.kind)
    if kind and guide.promised and kind.immediate != (guide.promised.number == 0):
        yield "kind", {"kind": kind.zh, "kind_en": kind.en, "number": guide.promised.number}


def _promised(guide: Guide, tables: Tables) -> Found:
    if guide.promised is None:
        yield "promised", {}


def _promised_within(guide: Guide, tables: Tables) -> Found:
    if guide.promised and guide.statutory:
        promised, statutory = hours(guide.promised, tables), hours(guide.statutory, tables)
        if promised is not None and statutory is not None and promised > statutory:
            yield "promised", {"promised": guide.promised.number, "statutory": guide.statutory.number}


def _working_days(guide: Guide, tables: Tables) -> Found:
    for field, span in _times(guide):
        unit = tables.units.get(span.unit)
        if unit and not unit.working:
            yield f"{field}.unit", {"unit": unit.zh, "unit_en": unit.en}


def _steps_within(guide: Guide, tables: Tables) -> Found:
    """Delivery comes after the decision is made and counts by itself (行政许可法 Art. 44)."""
    times = [hours(step.time, tables) for step in guide.steps if step.stage != "deliver"]
    promised = hours(guide.promised, tables) if guide.promised and guide.promised.number else None
    if promised is not None and sum(time for time in times if time) > promised + 0.01:
        steps = round(sum(time for time in times if time) / 24, 1)
        yield "steps", {"steps": steps, "promised": round(promised / 24, 1)}


def _note_in_both(guide: Guide, tables: Tables) -> Found:
    for field, span in _times(guide):
        if span.note_en and not span.note:
            yield f"{field}.note", {}


def _permit_steps(guide: Guide, tables: Tables) -> Found:
    kind = tables.types.get(guide.type)
    if kind and len(guide.steps) < kind.steps:
        yield "steps", {"type": kind.zh, "type_en": kind.en, "least": kind.steps, "found": len(guide.steps)}


def _permit_faq(guide: Guide, tables: Tables) -> Found:
    kind = tables.types.get(guide.type)
    if kind and len(guide.faq) < kind.faq:
        yield "faq", {"type": kind.zh, "type_en": kind.en, "least": kind.faq, "found": len(guide.faq)}


def _visits_reason(guide: Guide, tables: Tables) -> Found:
    if guide.visits and not guide.visits_reason:
        yield "visits_reason", {"visits": guide.visits}


def _no_visit_no_reason(guide: Guide, tables: Tables) -> Found:
    if not guide.visits and guide.visits_reason:
        yield "visits_reason", {}


def _depth_visits(guide: Guide, tables: Tables) -> Found:
    depth = tables.online_depths.get(guide.online_depth)
    if depth and depth.no_visit and guide.visits:
        yield "visits", {"depth": depth.zh, "depth_en": depth.en, "visits": guide.visits}


def _fee(guide: Guide, tables: Tables) -> Found:
    if guide.fee and not guide.fee_standard:
        yield "fee_standard", {}
    if guide.fee and not guide.fee_basis:
        yield "fee_basis", {}


def _no_fee(guide: Guide, tables: Tables) -> Found:
    if not guide.fee and guide.fee_standard:
        yield "fee_standard", {}


def _result_sample(guide: Guide, tables: Tables) -> Found:
    if guide.result and not guide.result_sample:
        yield "result_sample", {"result": guide.result}


def _telephones(guide: Guide, tables: Tables) -> Found:
    for at, place in enumerate(guide.places):
        if place.enquiry and place.enquiry == place.complaint:
            yield f"places.{at}.complaint", {"telephone": place.enquiry}


def _area_code(guide: Guide, tables: Tables) -> Found:
    for at, place in enumerate(guide.places):
        for field, telephone in (("enquiry", place.enquiry), ("complaint", place.complaint)):
            if not TELEPHONE.fullmatch(telephone):
                yield f"places.{at}.{field}", {"telephone": telephone}


def _places(guide: Guide, tables: Tables) -> Found:
    if not guide.places:
        yield "places", {"area": "—"}
    areas = [place.area for place in guide.places]
    for at, area in enumerate(areas):
        if area in areas[:at]:
            yield f"places.{at}.area", {"area": area}


def _catch_all(guide: Guide, tables: Tables) -> Found:
    for at, material in enumerate(guide.materials):
        for word in tables.catch_all:
            if word in material.name:
                yield f"materials.{at}.name", {"name": material.name, "word": word}
                break


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "codes",
            "代码“{code}”不在代码表 {table} 里；可用：{known}",
            "code {code!r} is not in the table {table}; known: {known}",
            _codes,
        ),
        Rule(
            "code_structure",
            "实施编码是 18 位信用代码、1 位行使层级、12 位基本编码（和 2 位业务办理项）；现为 {length} 位：{code}",
            "an item code is 18 credit code, 1 level, 12 basic code (and 2 option); found {length} characters: {code}",
            _code_structure,
        ),
        Rule(
            "code_check",
            "统一社会信用代码 {credit} 的校验位不对（GB 32100），请核对",
            "the check character of the credit code {credit} is wrong (GB 32100); compare it with the certificate",
            _code_check,
        ),
        Rule(
            "code_level",
            "行使层级是“{level}”，实施编码第 19 位应为 {expected}，现为 {digit}",
            "the level is {level_en}: character 19 of the code must be {expected}, found {digit}",
            _code_level,
        ),
        Rule(
            "code_type",
            "事项类型是“{type}”，实施编码第 22–23 位应为 {expected}，现为 {digits}",
            "the type is {type_en}: characters 22–23 of the code must be {expected}, found {digits}",
            _code_type,
        ),
        Rule(
            "code_department",
            "实施编码开头 {credit} 不是“{department}”的统一社会信用代码 {expected}",
            "the code begins with {credit}, which is not the credit code of {department}: {expected}",
            _code_department,
        ),
        Rule(
            "effective",
            "计划取消日期 {end} 早于计划生效日期 {start}",
            "it ends on {end}, before it begins on {start}",
            _effective,
        ),
        Rule(
            "immediate",
            "办件类型是“{kind}”，承诺时限是 {number}：即办件的时限应为 0（当场），承诺件应大于 0",
            "the kind is {kind_en} and the promised time {number}: on the spot means 0, a promised time more than 0",
            _immediate,
        ),
        Rule("promised", "没有承诺办结时限", "the promised time is missing", _promised),
        Rule(
            "promised_within",
            "承诺办结时限（{promised}）比法定办结时限（{statutory}）还长",
            "the promised time ({promised}) is longer than the statutory one ({statutory})",
            _promised_within,
        ),
        Rule(
            "working_days",
            "时限单位是“{unit}”：应按工作日计算（行政许可法第八十二条）",
            "the time is in {unit_en}: it must be in working days (Administrative Licence Law, Art. 82)",
            _working_days,
        ),
        Rule(
            "steps_within",
            "受理到办结各环节加起来 {steps} 个工作日，超过承诺的 {promised} 个工作日",
            "the steps before delivery add up to {steps} working days, more than the {promised} promised",
            _steps_within,
        ),
        Rule(
            "time_note",
            "时限的英文说明没有对应的中文说明",
            "the note on the time stands in English only: write it in Chinese, too",
            _note_in_both,
        ),
        Rule(
            "permit_steps",
            "“{type}”至少写 {least} 个办理环节（受理、审查、决定、办结、送达），现有 {found} 个",
            "type {type_en} needs at least {least} steps (accept, examine, decide, conclude, deliver), found {found}",
            _permit_steps,
        ),
        Rule(
            "permit_faq",
            "“{type}”至少写 {least} 个常见问题，现有 {found} 个",
            "type {type_en} needs at least {least} question(s) answered, found {found}",
            _permit_faq,
        ),
        Rule(
            "visits_reason",
            "要到现场 {visits} 次，却没有写原因",
            "{visits} visit(s) are asked for and no reason is given",
            _visits_reason,
        ),
        Rule(
            "no_visit_no_reason",
            "到现场次数是 0，不应写到现场的原因",
            "no visit is needed: take the reason for visits away",
            _no_visit_no_reason,
        ),
        Rule(
            "depth_visits",
            "网办深度是“{depth}”，到现场次数应为 0，现为 {visits}",
            "the online depth is {depth_en}: visits must be 0, found {visits}",
            _depth_visits,
        ),
        Rule(
            "fee",
            "收费事项要写明收费标准和收费依据",
            "an item with a fee needs the fee's standard and its basis",
            _fee,
        ),
        Rule(
            "no_fee",
            "不收费的事项不应写收费标准",
            "an item without a fee has no fee standard",
            _no_fee,
        ),
        Rule(
            "result_sample",
            "结果“{result}”没有结果样本",
            "the result {result!r} has no sample",
            _result_sample,
        ),
        Rule(
            "telephones",
            "咨询电话和投诉电话相同（{telephone}）：投诉应由另一个电话受理",
            "enquiries and complaints have one telephone ({telephone}); a complaint needs another",
            _telephones,
        ),
        Rule(
            "area_code",
            "电话“{telephone}”应写成区号加号码，如 0900-5550101",
            "telephone {telephone!r} needs its area code, such as 0900-5550101",
            _area_code,
        ),
        Rule(
            "places",
            "每个办事指南至少有一个办理地点，每个地区只写一个（{area}）",
            "a guide needs at least one place, and one only for each area ({area})",
            _places,
        ),
        Rule(
            "catch_all",
            "材料“{name}”是兜底说法（“{word}”）：要什么材料，请逐项写清",
            "material {name!r} is a catch-all ({word}): name each thing that is asked for",
            _catch_all,
        ),
    )
}
