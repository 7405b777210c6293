"""Which field of a guide a question asks for, what is left of it: the guide it is about; and what is no guide's."""

from __future__ import annotations

import re
from functools import cache

from queue_server.guides.search import words


@cache
def _fields() -> list[tuple[str, re.Pattern[str]]]:
    table = words.data("words")["fields"]
    return [
        (field["name"], re.compile(rf"\b(?:{p})\b" if p.isascii() else p)) for field in table for p in field["patterns"]
    ]


def asked_field(query: str) -> tuple[str | None, str]:
    """(field or None, the query without the words that ask for one), of a plain query. Of several questions at once the
    field that stands first in the table is answered; none of them is part of a guide's name.
    """
    asked = None
    for field, pattern in _fields():
        if found := pattern.search(query):
            asked = asked or field
            query = " ".join(f"{query[: found.start()]} {query[found.end() :]}".split())
    return asked, query


@cache
def _elsewhere() -> re.Pattern[str]:
    said = words.data("words")["elsewhere"]
    return re.compile("|".join(rf"\b{re.escape(one)}\b" if one.isascii() else re.escape(one) for one in said))


def asked_elsewhere(query: str, name: str) -> bool:
    """Whether a plain query has something in it that no hall does, unless the guide's name has it too."""
    return any(found[0] not in name for found in _elsewhere().finditer(query))
