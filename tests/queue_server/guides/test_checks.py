"""Every rule: a good guide passes it, and one change breaks it alone."""

from __future__ import annotations

from datetime import date

import pytest

from queue_server.guides import codes
from queue_server.guides.checks import RULES, breaches
from queue_server.guides.command import DEMO
from queue_server.guides.model import Guide, Span, Tables
from queue_server.guides.source import load_folder

DAYS = Span(number=9)
BROKEN = {  # rule -> what breaks it, and the field it names
    "codes": ({"themes": ("fishing",)}, "themes"),
    "code_structure": ({"code": "11990100013701236H3"}, "code"),
    "code_check": ({"code": "11990100013701236J3002014001000"}, "code"),
    "code_level": ({"level": "county"}, "code"),
    "code_type": ({"type": "reward"}, "code"),
    "code_department": ({"department": "medical"}, "code"),
    "effective": ({"effective_from": date(2026, 7, 1), "effective_to": date(2026, 6, 30)}, "effective_to"),
    "immediate": ({"kind": "immediate"}, "kind"),
    "promised": ({"promised": None}, "promised"),
    "promised_within": ({"promised": DAYS}, "promised"),
    "working_days": ({"statutory": Span(number=5, unit="calendar_day")}, "statutory.unit"),
    "steps_within": ({"promised": Span(number=2)}, "steps"),
    "time_note": ({"statutory": Span(number=5, note_en="without the public notice")}, "statutory.note"),
    "permit_steps": ({"steps": ()}, "steps"),
    "permit_faq": ({"faq": ()}, "faq"),
    "visits_reason": ({"visits": 1, "online_depth": "handling"}, "visits_reason"),
    "no_visit_no_reason": ({"visits_reason": "要核对原件"}, "visits_reason"),
    "depth_visits": ({"visits": 1, "visits_reason": "要核对原件"}, "visits"),
    "fee": ({"fee": True, "fee_standard": "每件 10 元"}, "fee_basis"),
    "no_fee": ({"fee_standard": "每件 10 元"}, "fee_standard"),
    "result_sample": ({"result_sample": ""}, "result_sample"),
    "telephones": ("complaint", "0900-5550110", "places.0.complaint"),
    "area_code": ("enquiry", "12345", "places.0.enquiry"),
    "places": ({"places": ()}, "places"),
    "catch_all": ("法律法规规定的其他材料", "materials.1.name"),
}
AS_PERMIT = {"permit_steps", "permit_faq"}
BESIDES = {"code_check": {"code_department"}}  # another department's number cannot be this one's


def broken(guide: Guide, rule: str) -> tuple[Guide, str]:
    """The guide with this rule broken, and the field the breach must name."""
    how = BROKEN[rule]
    if rule == "catch_all":
        material = guide.materials[1].model_copy(update={"name": how[0]})
        return guide.model_copy(update={"materials": (guide.materials[0], material)}), how[1]
    if len(how) == 3:
        place = guide.places[0].model_copy(update={how[0]: how[1]})
        return guide.model_copy(update={"places": (place, *guide.places[1:])}), how[2]
    changes = dict(how[0])
    if rule in AS_PERMIT:
        changes |= {"type": "permit", "code": guide.code[:21] + "01" + guide.code[23:]}
    return guide.model_copy(update=changes), how[1]


def test_every_rule_has_a_guide_that_breaks_it():
    assert BROKEN.keys() == RULES.keys()


@pytest.mark.parametrize("rule", RULES)
def test_one_change_breaks_one_rule(rule: str, guide: Guide, tables: Tables):
    bad, field = broken(guide, rule)
    found = breaches(bad, tables)
    assert {one.rule for one in found} == {rule} | BESIDES.get(rule, set())
    assert next(one.field for one in found if one.rule == rule) == field


@pytest.mark.parametrize("rule", RULES)
def test_a_breach_says_in_both_languages_what_is_wrong(rule: str, guide: Guide, tables: Tables):
    for breach in breaches(broken(guide, rule)[0], tables):
        assert "{" not in breach.zh + breach.en
        assert any("\u4e00" <= one <= "\u9fff" for one in breach.zh)


def test_all_guides_of_the_demo_may_be_published():
    tables, written = load_folder(DEMO)
    assert len(written) >= 3
    assert [(one.guide.name, breach) for one in written for breach in breaches(one.guide, tables)] == []


def test_every_note_on_a_time_of_the_demo_has_its_english():
    for one in load_folder(DEMO)[1]:
        times = [one.guide.statutory, one.guide.promised, *(step.time for step in one.guide.steps)]
        assert all(bool(time.note) == bool(time.note_en) for time in times if time), one.guide.name


def test_the_demo_shows_its_guides_whatever_the_clock_says():
    late = [one.guide.name for one in load_folder(DEMO)[1] if one.guide.effective_from > date(2025, 1, 1)]
    assert late == []


def test_a_time_in_an_unknown_unit_breaks_the_codes_rule_alone(guide: Guide, tables: Tables):
    bad = guide.model_copy(update={"promised": Span(number=3, unit="fortnight")})
    assert [(one.rule, one.field) for one in breaches(bad, tables)] == [("codes", "promised.unit")]


def test_the_departments_of_the_demo_have_credit_codes_that_hold(tables: Tables):
    assert [d.zh for d in tables.departments.values() if not codes.credit_code_holds(d.credit_code)] == []
    assert len({d.credit_code for d in tables.departments.values()}) == len(tables.departments)
