"""The settings of a hall: what differs between two, what a change makes of them, and whether it may be made now.

The database holds them. A change is checked as a whole, by the schema and against the day that is going on, and then
written together with its log event. What is written down of a ticket stays as it is: its number, its line, its key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from config import Hall
from config.loader import Keys, faults_in
from queue_server.domain import calendar
from queue_server.domain.errors import Conflict, Unprocessable
from queue_server.domain.events import Event
from queue_server.domain.model import AT_A_WINDOW, State, Ticket, WindowState, WindowStatus
from queue_server.store.queries import HallState
from queue_server.store.writer import Transaction

CHANGED = "settings.changed"
COMMAND = "command"  # the actor when a command of the server's own machine changed them
KEYED = {"lines": "id", "items": "id", "windows": "no"}  # lists whose entries have a name, and what holds it
Values = dict[str, Any]  # settings as JSON values


class SettingsBroken(Exception):
    """The settings in the database cannot be used by this program: import a file that can."""


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that differs: `path` as in lines.social.open; None where there is none."""

    path: str
    old: Any
    new: Any

    def facts(self) -> Values:
        return {"path": self.path, "old": self.old, "new": self.new}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change made, or would make; `notes` say what it means for the day that is going on."""

    version: int
    changes: list[Change]
    notes: list[str] = field(default_factory=list)


def values_of(hall: Hall) -> Values:
    return hall.model_dump(mode="json")


def stored(hall: str, text: str) -> Hall:
    """The settings of a hall's row. Raises SettingsBroken."""
    try:
        return Hall.model_validate_json(text)
    except ValidationError as error:
        faults = "\n".join(f"  {fault}" for fault in faults_in(error, Hall))
        raise SettingsBroken(
            f"the settings of hall {hall} in the database cannot be used by this version:\n{faults}\n"
            "mend a copy of its hall.toml and apply it: python -m queue_server settings import FILE --apply --data DIR"
        ) from error


def checked(values: Any) -> Hall:
    """JSON values as a Hall. Raises Unprocessable, with the path of everything that is wrong."""
    try:
        text = json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Unprocessable("a text holds half a character (a lone surrogate)") from error
    try:
        return Hall.model_validate_json(text)
    except ValidationError as error:
        faults = faults_in(error, Hall, lambda keys: _by_names(keys, values))
        raise Unprocessable("; ".join(faults), faults=faults) from error


def _by_names(keys: Keys, values: Any) -> Keys:
    """lines.0.letter as lines.social.letter, where the entry has a name."""
    if len(keys) < 2 or keys[0] not in KEYED or not isinstance(keys[1], int):
        return keys
    entry = values[keys[0]][keys[1]]
    name = entry.get(KEYED[str(keys[0])]) if isinstance(entry, Mapping) else None
    return keys if name is None or isinstance(name, (Mapping, list)) else (keys[0], str(name), *keys[2:])


def differences(old: Any, new: Any, at: str = "") -> list[Change]:
    """Where two JSON values differ; entries with a name go by it, other lists are one value."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = [*old, *(name for name in new if name not in old)]
        inner = (differences(old.get(name), new.get(name), f"{at}.{name}" if at else name) for name in names)
        return [change for changes in inner for change in changes]
    if at in KEYED and isinstance(old, list) and isinstance(new, list):
        before, after = _named(at, old), _named(at, new)
        found = differences(before, after, at)
        order = [[name for name in one if name in before and name in after] for one in (before, after)]
        return found if order[0] == order[1] else [*found, Change(f"{at} (order)", order[0], order[1])]
    return [] if old == new else [Change(at, old, new)]


def _named(section: str, entries: list[Any]) -> Values:
    return {str(entry[KEYED[section]]): entry for entry in entries}


def merged(old: Values, changes: Mapping[str, Any]) -> Values:
    """The settings with these changes: objects are merged, null takes away, anything else replaces.

    Lines, items and windows are changed by their name: {"windows": {"10": {"lines": ["police"]}}}; a name that is not
    there yet is a new one. A list in their place replaces them all. Raises Unprocessable.
    """
    result = dict(old)
    for name, change in changes.items():
        keyed = name in KEYED and isinstance(change, Mapping)
        new = _merged_entries(name, old[name], change) if keyed else _merge(old.get(name), change)
        result[name] = new
        if change is None:
            del result[name]
    return result


def _merged_entries(section: str, old: list[Values], changes: Mapping[str, Any]) -> list[Values]:
    entries = _named(section, old)
    for name, change in changes.items():
        if change is None and name not in entries:
            raise Unprocessable(f"{section}.{name}: there is none to take away", path=f"{section}.{name}")
        if change is None:
            del entries[name]
        elif not isinstance(change, Mapping):
            words = f"{section}.{name}: expected an object of what changes, or null to take it away"
            raise Unprocessable(words, path=f"{section}.{name}")
        elif name in entries:
            entries[name] = _merge(entries[name], change)
        else:
            number = section == "windows" and name.isascii() and name.isdigit() and len(name) < 10
            own = int(name) if number else name
            entries[name] = _merge({KEYED[section]: own}, change)
    return list(entries.values())


def _merge(old: Any, change: Any) -> Any:
    """RFC 7386."""
    if not isinstance(change, Mapping):
        return change
    result = dict(old) if isinstance(old, Mapping) else {}
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merge(result.get(name), value)
    return result


def change(
    tx: Transaction,
    hall: str,
    make: Callable[[Values], Any],
    now: datetime,
    actor: str,
    *,
    if_version: int | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Replaces a hall's settings by what `make` makes of them, all or nothing; a change that changes nothing is none.

    Raises Unprocessable when the result is no hall's, Conflict when it is not the version the asker knew, or when it
    would strand somebody who is here today.
    """
    state = tx.state(hall)
    if if_version is not None and if_version != state.settings_version:
        raise Conflict(
            f"somebody else changed the settings meanwhile: they are at version {state.settings_version}, not "
            f"{if_version}; fetch them and look again",
            version=state.settings_version,
        )
    old = _old(state)
    new = checked(make(old.values))
    if new.id != hall:
        raise Unprocessable(f"id: this hall is {hall!r}; its id is in every address and stays", path="id")
    changes = differences(old.values, values_of(new))
    today = _Today(tx, state, old.hall, new, now)
    notes = [*today.check(), *_keys_stay(changes)] if changes else []
    if changes and not dry_run:
        state.settings, state.settings_version = new.model_dump_json(), state.settings_version + 1
        reason = {"version": state.settings_version, "changed": [one.facts() for one in changes]}
        tx.append(hall, Event(CHANGED, now, actor, reason=reason))
        for window in today.closing():
            tx.save_window(hall, replace(window, state=WindowState.CLOSED, since=now))
            why = {"settings": state.settings_version}
            tx.append(hall, Event("window.closed", now, actor, window=window.no, reason=why))
    return Outcome(state.settings_version, changes, notes)


@dataclass(frozen=True, slots=True)
class _Old:
    """What was there: `hall` None if this program can no longer read it."""

    hall: Hall | None
    values: Values


def _old(state: HallState) -> _Old:
    try:
        hall = Hall.model_validate_json(state.settings)
    except ValidationError:
        return _Old(None, json.loads(state.settings))
    return _Old(hall, values_of(hall))


def _keys_stay(changes: Sequence[Change]) -> list[str]:
    if any(change.path.startswith("classes.") and change.path.endswith(".credit") for change in changes):
        return ["a new credit counts for tickets taken from now on; tickets already taken keep their place"]
    return []


class _Today:
    """The day that is going on, under other settings: nobody who is here may be left without a window."""

    def __init__(self, tx: Transaction, state: HallState, old: Hall | None, new: Hall, now: datetime) -> None:
        self._tx, self._state, self._old, self._new = tx, state, old, new
        self._at = max(now, state.last_issued_at)
        over = old is not None and calendar.business_day(old, self._at) > state.business_day  # nobody is here any more
        of_day = [] if over else tx.of_day(state.id, state.business_day)
        self._waiting = [ticket for ticket in of_day if ticket.state is State.WAITING]
        self._seated = [ticket for ticket in of_day if ticket.state in (*AT_A_WINDOW, State.HELD)]

    def check(self) -> list[str]:
        """Notes in words. Raises Conflict."""
        self._check_day()
        self._check_windows()
        self._check_lines()
        return [*self._still_waiting(), *(f"window {one.no} was open and is closed" for one in self.closing())]

    def closing(self) -> list[WindowStatus]:
        """Windows that are open or paused, and no longer in service."""
        known = self._tx.windows(self._state.id)
        gone = [status for no, (status, _) in known.items() if no not in _in_service(self._new)]
        return [status for status in gone if status.state is not WindowState.CLOSED]

    def _check_day(self) -> None:
        """A day may not end by other settings while somebody is here."""
        here = [*self._waiting, *self._seated]
        if here and calendar.business_day(self._new, self._at) > self._state.business_day:
            raise Conflict(
                f"by these hours or this time zone the business day {self._state.business_day} would be over, and "
                f"{_people(here)} would lose their place; change them after closing",
                tickets=[ticket.number for ticket in here],
            )

    def _check_windows(self) -> None:
        for ticket in self._seated:
            if ticket.window in _in_service(self._old) and ticket.window not in _in_service(self._new):
                raise Conflict(
                    f"windows.{ticket.window}: ticket {ticket.number} is {ticket.state} there; finish it first",
                    window=ticket.window,
                    number=ticket.number,
                )

    def _check_lines(self) -> None:
        stranded = [t for t in self._waiting if _callable(self._old, t) and not _callable(self._new, t)]
        if not stranded:
            return
        first = stranded[0]
        where = f"windows.{first.bound}" if first.bound else f"lines.{first.line}"
        raise Conflict(
            f"{where}: {_people(stranded)} would wait for no window; leave the line at a window until they are "
            "called (a retired line gives no new numbers at once), then take it away",
            tickets=[ticket.number for ticket in stranded],
        )

    def _still_waiting(self) -> list[str]:
        notes = []
        for line in self._new.lines:
            waiting = [ticket for ticket in self._waiting if ticket.line == line.id]
            if line.retired and waiting:
                windows = ", ".join(str(no) for no, lines in _in_service(self._new).items() if line.id in lines)
                called = f"{_people(waiting)} will still be called, by window {windows}"
                called = f"{_people(waiting)} will still be called, by window {windows}"
                notes.append(f"lines.{line.id}: gives no new numbers; {called}")
        return notes


def _in_service(hall: Hall | None) -> dict[int, tuple[str, ...]]:
    """Window -> its lines."""
    return {window.no: window.lines for window in hall.windows if not window.retired} if hall else {}


def _callable(hall: Hall | None, ticket: Ticket) -> bool:
    """Is there a window that may call a waiting ticket?"""
    windows = _in_service(hall)
    if ticket.bound:
        return ticket.bound in windows
    return any(ticket.line in lines for lines in windows.values())


def _people(tickets: Sequence[Ticket]) -> str:
    numbers = ", ".join(ticket.number for ticket in tickets[:5]) + (" …" if len(tickets) > 5 else "")
    return f"{len(tickets)} {'ticket' if len(tickets) == 1 else 'tickets'} ({numbers})"
