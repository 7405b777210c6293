"""Real guides of Guangdong (`../shared/data`) as ours: what the portal says, in our fields; nothing is made up.

What the portal's extract does not say stays empty, so these guides break rules: that is what the report is for. English
names are not in the source; the Chinese one stands in.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from queue_server.guides.checks import breaches
from queue_server.guides.model import CONTROL, DepartmentEntry, Entry, Guide, Material, Place, Span, Tables

FILE = Path(__file__).parents[4] / "shared" / "data" / "guides-guangdong.jsonl"
LEVELS = {"省级": "province", "市级": "city", "县级": "county"}
AUDIENCE = {
    "自然人": "person",
    "企业法人": "company",
    "事业法人": "institution",
    "社会组织法人": "society",
    "非法人企业": "partnership",
    "行政机关": "agency",
    "其他组织": "other",
}
UNITS = {"工作日": "working_day", "自然日": "calendar_day", "小时": "hour", "分钟": "minute"}
SPAN = re.compile(r"(\d+)\((.+)\)")


def records() -> list[dict[str, Any]]:
    with FILE.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def tables_for(rows: Iterable[dict[str, Any]], demo: Tables) -> Tables:
    """The demo's tables as Guangdong numbers its types, with its departments and themes."""
    rows = list(rows)
    numbers = {row["TASK_TYPE_TEXT"]: row["TASK_TYPE"] for row in rows}
    types = {code: one.model_copy(update={"code": numbers.get(one.zh, one.code)}) for code, one in demo.types.items()}
    departments = {
        f"d{row['TASK_CODE'][:18].lower()}": DepartmentEntry(
            zh=row["DEPT_NAME"], en=row["DEPT_NAME"], credit_code=row["TASK_CODE"][:18]
        )
        for row in rows
    }
    found = {theme for row in rows for theme in row["theme_category"]}
    themes = {theme_code(theme): Entry(zh=theme, en=theme) for theme in found}
    return demo.model_copy(update={"types": types, "departments": departments, "themes": themes, "issuer": "44"})


def theme_code(theme: str) -> str:
    return "t" + theme.encode().hex()[:40]


def guide_of(row: dict[str, Any], tables: Tables) -> Guide:
    """One record as a guide. Raises KeyError, ValidationError on what it cannot say."""
    promised = span(row.get("handle_time_limit"))
    visits = int(row["visit_number"])
    names = [line(name) for name in row.get("material_intro", ())]
    return Guide(
        code=row["TASK_CODE"],
        name=line(row["matter_name"]),
        name_en=line(row["matter_name"]),
        aliases=tuple(one for one in re.split(r"[,，;；、\s]+", line(row.get("matter_daily", ""))) if one),
        type=next(code for code, one in tables.types.items() if one.zh == row["TASK_TYPE_TEXT"]),
        level=LEVELS[row["matter_level"]],
        department=f"d{row['TASK_CODE'][:18].lower()}",
        themes=tuple(theme_code(theme) for theme in row["theme_category"]),
        audience=tuple(AUDIENCE[one] for one in row["service_object_name"]),
        conditions=plain(row.get("accept_standard", "")),
        kind="promised" if promised is None or promised.number else "immediate",
        statutory=span(row.get("handle_time")),
        promised=promised,
        visits=visits,
        joint=(line(row["co_department"]),) if row.get("co_department") else (),
        appointment=row["online_book"] == "是",
        channels=("hall", "online") if row.get("bear_paltform") else ("hall",),
        online_address=line(row.get("bear_paltform", "")),
        delivery=("window", "post") if row["courier_service"] == "是" else ("window",),
        materials=tuple(Material(name=name) for name in names if name),
        places=(
            Place(
                area="linjiang",
                name=line(row["handle_location"]) or "—",
                enquiry=line(row.get("consult_phone", "")),
                complaint=line(row.get("complain_phone", "")),
            ),
        ),
    )


def span(text: str | None) -> Span | None:
    """`20(工作日)`."""
    found = SPAN.fullmatch(text or "")
    return Span(number=int(found[1]), unit=UNITS[found[2]]) if found else None


def line(text: str) -> str:
    """On one line, at most as long as a line may be."""
    return " ".join(CONTROL.sub(" ", text).split())[:300]


def plain(text: str) -> str:
    return CONTROL.sub(" ", text.replace("\r\n", "\n"))[:5000]


def report(guides: Iterable[Guide], tables: Tables) -> Counter[str]:
    """rule -> how many guides break it."""
    return Counter(rule for guide in guides for rule in {one.rule for one in breaches(guide, tables)})


if __name__ == "__main__":
    from queue_server.guides.command import DEMO
    from queue_server.guides.source import load_tables

    known = tables_for(records(), load_tables(DEMO))
    every = [guide_of(row, known) for row in records()]
    print(len(every), "guides;", sum(not breaches(one, known) for one in every), "break no rule")
    for rule, count in report(every, known).most_common():
        print(f"{count:5} {rule}")
