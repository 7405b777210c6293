"""What differs between two versions of a guide: field by field, list entries by their name, texts word by word."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from queue_server.guides.model import Guide

NAMED = {"materials": "name", "steps": "stage", "places": "area", "faq": "question"}  # entries go by these
Piece = tuple[str, str]  # "=" both, "-" only the old one, "+" only the new one; and the text


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` as in materials.户口簿.copies; `pieces` only where two texts differ."""

    path: str
    old: Any
    new: Any
    pieces: tuple[Piece, ...] = ()


def differences(old: Guide, new: Guide) -> list[Difference]:
    """In the order of the guide's fields; empty: they say the same."""
    return _differences(old.model_dump(mode="json"), new.model_dump(mode="json"), "")


def _differences(old: Any, new: Any, at: str) -> list[Difference]:
    if old == new:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        names = [*old, *(name for name in new if name not in old)]
        found = (_differences(old.get(name), new.get(name), f"{at}.{name}" if at else name) for name in names)
        return [one for some in found for one in some]
    if at in NAMED and isinstance(old, list) and isinstance(new, list):
        before, after = _by_name(old, NAMED[at]), _by_name(new, NAMED[at])
        inner = _differences(before, after, at)
        kept = [[name for name in one if name in before and name in after] for one in (before, after)]
        return inner if kept[0] == kept[1] else [*inner, Difference(f"{at} (order)", kept[0], kept[1])]
    texts = isinstance(old, str) and isinstance(new, str)
    return [Difference(at, old, new, pieces(old, new) if texts else ())]


def _by_name(entries: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """A name that comes again gets a number: nothing may hide behind another."""
    found: dict[str, Any] = {}
    for entry in entries:
        name, again = str(entry[key]), 2
        while name in found:
            name, again = f"{entry[key]} ({again})", again + 1
        found[name] = entry
    return found


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """The two texts as what stayed, went and came; the old one is all of "=" and "-", the new one of "=" and "+"."""
    found: list[Piece] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("=", old[a:b]))
            continue
        found += [piece for piece in (("-", old[a:b]), ("+", new[c:d])) if piece[1]]
    return tuple(found)
