"""What a guide (办事指南) says, and the code tables it speaks in.

Field names follow the national implementation list (实施清单; GB/T 39554 family), in English. A field ending in `_en`
is its English text; where it is empty the Chinese is shown. What a code means (types, levels, themes …) stands in the
tables, which differ by province: the model only knows that it is a code.

A Guide is one version's content, and lets a draft be incomplete: what must hold before publishing is in `checks`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from config.schema import Settings, setting

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text itself. Refuses control characters and half characters; tab and line feed may stand."""
    if found := CONTROL.search(text):
        raise ValueError(f"holds the control character U+{ord(found[0]):04X} at place {found.start() + 1}")
    return text


def one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise ValueError("must stand on one line")
    return printable(text)


def _span(value: Any) -> Any:
    """A bare number is a number of working days."""
    return {"number": value} if isinstance(value, int) and not isinstance(value, bool) else value


Line = Annotated[str, StringConstraints(max_length=300), AfterValidator(one_line)]
Text = Annotated[str, StringConstraints(max_length=5000), AfterValidator(printable)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,48}$")]
OptionalCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,48}$")]


class Span(Settings):
    """A time: so many of a unit. Number 0 is on the spot (当场)."""

    number: int = setting(note="how many; 0: on the spot", ge=0, le=9999)
    unit: Code = setting("working_day", note="table units")
    note: Line = setting("", note="such as 不含公示期")
    note_en: Line = setting("", note="of the note; empty: an English page shows none")


Time = Annotated[Span, BeforeValidator(_span)]


class Step(Settings):
    """One stage of handling (办理环节)."""

    stage: Code = setting(note="table stages: accept, examine, decide, conclude, deliver")
    time: Time = setting(note="promised for this step")
    what: Text = setting("", note="what happens, in a sentence")
    what_en: Text = setting("")


class Material(Settings):
    """One thing to hand in (申请材料)."""

    name: Line = setting(note="as printed on the checklist", min_length=1)
    name_en: Line = setting("")
    kind: Code = setting("document", note="table material_kinds: form, certificate, document, photo …")
    form: Code = setting("original", note="table material_forms: original, copy, electronic …")
    copies: int = setting(1, note="how many; 0: only shown", ge=0, le=99)
    specification: Line = setting("", note="size and make, such as A4，加盖公章")
    specification_en: Line = setting("")
    source: Code = setting("applicant", note="table sources: applicant, government, other")
    issued_by: Line = setting("", note="who issues it, where that is not the applicant")
    necessity: Code = setting("required", note="table necessity: required, optional, later")
    exempt: OptionalCode = setting("", note="table exemptions; empty: must be handed in")
    when: Line = setting("", note="only then is it needed, such as 委托他人办理时; empty: always")
    when_en: Line = setting("")
    acceptance: Text = setting("", note="what the window accepts (受理标准)")
    acceptance_en: Text = setting("")
    sample: Line = setting("", note="file of the filled-in sample")
    blank: Line = setting("", note="file of the blank form")


class Place(Settings):
    """Where it is done in one area: all that a county or township may add; the standard itself is the city's."""

    area: Code = setting(note="table areas")
    name: Line = setting(note="place and address", min_length=1)
    name_en: Line = setting("")
    hall: OptionalCode = setting("", note="id of the hall in the queue, if it has one")
    line: OptionalCode = setting("", note="id of the line there; empty: the item's")
    item: OptionalCode = setting("", note="id of the queue's item; empty: none, no ticket is offered")
    windows: tuple[int, ...] = setting((), note="window numbers; empty: those that serve the line", strict=False)
    hours: Line = setting("")
    hours_en: Line = setting("")
    enquiry: Line = setting("", note="咨询电话, with area code")
    complaint: Line = setting("", note="投诉电话, with area code")


class Question(Settings):
    """A question people ask, and its answer."""

    question: Line = setting(note="in a citizen's words", min_length=1)
    answer: Text = setting(note="two or three plain sentences", min_length=1)
    question_en: Line = setting("")
    answer_en: Text = setting("")


class Guide(Settings):
    """What is published of one item; `code` says whose it is and stays the same through all versions."""

    # identity
    code: str = setting(note="实施编码, 31 or 33 characters", pattern=r"^[0-9A-Z]{1,40}$")
    name: Line = setting(note="事项名称", min_length=1)
    name_en: Line = setting(note="required: the terminal speaks English", min_length=1)
    short_name: Line = setting("", note="短语: fits a tile, at most 8 characters or so")
    aliases: tuple[Line, ...] = setting((), note="日常用语: what people call it", strict=False)
    type: Code = setting(note="table types")
    level: Code = setting(note="table levels")
    department: Code = setting(note="table departments")
    themes: tuple[Code, ...] = setting((), note="table themes", strict=False)
    audience: tuple[Code, ...] = setting((), note="table audiences", strict=False)
    life_events: tuple[Code, ...] = setting((), note="table life_events", strict=False)
    # version
    effective_from: date | None = setting(None, note="计划生效日期: the first day it holds")
    effective_to: date | None = setting(None, note="计划取消日期: the last day it holds; none: until superseded")
    change_note: Text = setting("", note="what is new in this version")
    basis: tuple[Line, ...] = setting((), note="设定依据, such as 《…法》第五十七条", strict=False)
    # doing it
    conditions: Text = setting("", note="受理条件: who may apply")
    conditions_en: Text = setting("")
    steps: tuple[Step, ...] = setting((), note="办理流程", strict=False)
    kind: Code = setting(note="table kinds: immediate (即办件), promised (承诺件)")
    statutory: Time | None = setting(None, note="法定办结时限; none: the law sets none")
    promised: Time | None = setting(None, note="承诺办结时限")
    visits: int = setting(0, note="到办事现场次数", ge=0, le=99)
    visits_reason: Line = setting("", note="why one has to come")
    visits_reason_en: Line = setting("")
    commitment: bool = setting(False, note="告知承诺制: a promise in place of a proof")
    commitment_note: Text = setting("", note="what may be promised, and what follows from breaking it")
    one_window: bool = setting(False, note="一窗受理")
    joint: tuple[Line, ...] = setting((), note="联办: the other offices that take part", strict=False)
    pre_review: bool = setting(False, note="线上预审")
    appointment: bool = setting(False, note="may be booked")
    channels: tuple[Code, ...] = setting((), note="table channels", strict=False)
    online_depth: OptionalCode = setting("", note="table online_depths; empty: not online")
    online_address: Line = setting("", note="where to do it online")
    # materials
    materials: tuple[Material, ...] = setting((), note="申请材料", strict=False)
    # money and result
    fee: bool = setting(False, note="does it cost anything")
    fee_standard: Text = setting("", note="how much")
    fee_standard_en: Text = setting("")
    fee_basis: Line = setting("", note="by which rule")
    result: Line = setting("", note="结果名称")
    result_en: Line = setting("")
    result_sample: Line = setting("", note="file of a sample, or a sentence on how it looks")
    delivery: tuple[Code, ...] = setting((), note="table deliveries", strict=False)
    # where, questions
    places: tuple[Place, ...] = setting((), note="the city's first, then counties and townships", strict=False)
    faq: tuple[Question, ...] = setting((), note="常见问题", strict=False)


class Entry(Settings):
    """What one code means."""

    zh: str = setting(note="shown", min_length=1)
    en: str = setting(note="shown in English", min_length=1)
    code: str = setting("", note="the number the province's platform gives it")
    icon: str = setting("", note="a Phosphor icon's name", pattern=r"^[a-z-]*$")


class TypeEntry(Entry):
    """A type of item (事项类型) and what it demands of its guides."""

    faq: int = setting(0, note="questions answered, at least", ge=0)
    steps: int = setting(0, note="steps, at least", ge=0)


class KindEntry(Entry):
    immediate: bool = setting(False, note="done on the spot (即办件)")


class DepthEntry(Entry):
    no_visit: bool = setting(False, note="all of it online: nobody has to come (Ⅳ)")


class UnitEntry(Entry):
    """A unit of time."""

    hours: float = setting(note="what one counts, to compare", unit="hours", gt=0)
    working: bool = setting(True, note="false: runs through weekends, which a promise must not")


class DepartmentEntry(Entry):
    """Who answers for a guide (实施主体)."""

    credit_code: str = setting(note="统一社会信用代码, 18 characters", pattern=r"^[0-9A-Z]{18}$")


class ReviewEntry(Entry):
    months: int = setting(note="looked over every so many", unit="months", ge=1, le=60)


class AreaEntry(Entry):
    level: Code = setting(note="table levels")
    within: OptionalCode = setting("", note="the area above it; empty: the city itself")


class Tables(Settings):
    """The code tables of a province and its city: code -> what it means."""

    time_zone: str = setting("Asia/Shanghai", note="decides which version is in force today")
    issuer: str = setting("00", note="first two digits of every basic code (00: the nation's)", pattern=r"^[0-9]{2}$")
    catch_all: tuple[Line, ...] = setting(note="words no material may be called by", strict=False)
    types: dict[Code, TypeEntry] = setting(note="事项类型")
    levels: dict[Code, Entry] = setting(note="行使层级; `code` is its digit in an item's code")
    departments: dict[Code, DepartmentEntry] = setting(note="实施主体")
    areas: dict[Code, AreaEntry] = setting(note="the city, its counties, their townships")
    themes: dict[Code, Entry] = setting(note="主题分类")
    audiences: dict[Code, Entry] = setting(note="服务对象")
    life_events: dict[Code, Entry] = setting(note="一件事")
    kinds: dict[Code, KindEntry] = setting(note="办件类型")
    units: dict[Code, UnitEntry] = setting(note="时间单位")
    stages: dict[Code, Entry] = setting(note="办理环节")
    channels: dict[Code, Entry] = setting(note="办理渠道")
    online_depths: dict[Code, DepthEntry] = setting(note="网办深度")
    material_kinds: dict[Code, Entry] = setting(note="材料类型")
    material_forms: dict[Code, Entry] = setting(note="材料形式")
    sources: dict[Code, Entry] = setting(note="来源渠道")
    necessity: dict[Code, Entry] = setting(note="必要性")
    exemptions: dict[Code, Entry] = setting(note="免提交")
    deliveries: dict[Code, Entry] = setting(note="送达方式")
    reviews: dict[Code, ReviewEntry] = setting(note="定期评审")
