"""A hall's settings, looked up by name: which line an item belongs to, which window has a number."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import timedelta

from config import ClassRule, Hall, Item, Line, Window, Words
from queue_server.domain import promise
from queue_server.domain.dispatch import Desk
from queue_server.domain.errors import Conflict, NoNumbers, NotFound, Unprocessable

MINUTE = timedelta(minutes=1)


class HallBook:
    """One hall. Names that are not in it are refused in words, with the nearest that is."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.lines: dict[str, Line] = {line.id: line for line in hall.lines}
        self.items: dict[str, Item] = {item.id: item for item in hall.items}
        self.windows: dict[int, Window] = {window.no: window for window in hall.windows}
        self.classes: dict[str, ClassRule] = dict(hall.classes.items())
        self._desks: dict[int, Desk] = {}
        self.promise = self._promise()

    def offered(self) -> list[Item]:
        """What can be had here now: items that are not retired, of lines that are not."""
        return [item for item in self.hall.items if not (item.retired or self.lines[item.line].retired)]

    def elsewhere(self, item_id: str | None) -> list[Item]:
        """The same as an item, in other lines that are open: items of its name."""
        item = self.items.get(item_id or "")
        same = [one for one in self.offered() if item and one.name.zh == item.name.zh and one.line != item.line]
        return [one for one in same if self.lines[one.line].open]

    def window(self, no: int) -> Window:
        """Raises NotFound."""
        window = self.windows.get(no)
        if window is None:
            raise NotFound(f"there is no window {no} in this hall", window=no)
        return window

    def desk(self, no: int) -> Desk:
        """The window as the rules of the queue see it. Raises NotFound."""
        if no not in self._desks:
            self._desks[no] = self._desk(self.window(no))
        return self._desks[no]

    def _desk(self, window: Window) -> Desk:
        rules, lines = self.hall.rules, frozenset(window.lines)
        if window.kind == "special":
            own, tolerance = frozenset(rules.special_classes), rules.special_tolerance
            return Desk(window.no, lines, own_classes=frozenset(own), tolerance=timedelta(minutes=tolerance))
        home = self.home_lines(window.no) if rules.home_tolerance else frozenset()
        return Desk(window.no, lines, own_lines=home, tolerance=timedelta(minutes=rules.home_tolerance))

    def home_lines(self, no: int) -> frozenset[str]:
        """The lines of a window's home field. Raises NotFound."""
        return frozenset(line.id for line in self._field(self.window(no)))

    def _field(self, window: Window) -> list[Line]:
        return [line for line in self.hall.lines if line.field and line.field == window.home_field]

    def field_words(self, no: int) -> Words:
        """A window's home field, as the names of its lines."""
        lines = [line.name for line in self._field(self.windows[no])] if no in self.windows else []
        zh, en = "、".join(name.zh for name in lines), ", ".join(name.en or name.zh for name in lines)
        return Words(zh=zh or "—", en=en)

    def credit(self, cls: str) -> timedelta:
        """How much earlier this class counts as having come (QUEUE R1); nothing for one that is no more."""
        rule = self.classes.get(cls)
        return timedelta(minutes=rule.credit if rule else 0)

    def _promise(self) -> dict[str, dict[str, int]]:
        """Minutes by own class, then by another's: the largest bound at any window in service."""
        credits = {cls: self.credit(cls) for cls in self.classes}
        desks = [self.desk(no) for no, window in self.windows.items() if not window.retired]
        found = {own: promise.bounds(own, credits, desks) for own in credits}
        return {own: {cls: round(late / MINUTE) for cls, late in others.items()} for own, others in found.items()}

    def line_for(self, item: str | None, line: str | None) -> Line:
        """The line a ticket joins, by its item or its own name. Raises NotFound, Unprocessable, Conflict."""
        if item is None and line is None:
            raise Unprocessable("say which item or which line the ticket is for", fields=["item", "line"])
        if item is not None:
            thing = self.items.get(item)
            if thing is None:
                raise NotFound(f"there is no item {item!r} in this hall{_near(item, self.items)}", item=item)
            if line is not None and line != thing.line:
                raise Unprocessable(f"item {item!r} belongs to line {thing.line!r}, not {line!r}", line=thing.line)
            if thing.retired:
                raise Conflict(f"{thing.name.zh} ({item}) is no longer offered here", item=item)
            line = thing.line
        assert line is not None
        found = self.lines.get(line)
        if found is None:
            raise NotFound(f"there is no line {line!r} in this hall{_near(line, self.lines)}", line=line)
        if found.retired:
            raise Conflict(f"{found.name.zh} ({line}) is no longer offered here", line=line)
        if not found.open:
            raise NoNumbers(f"{found.name.zh} ({line}) gives no numbers now", "line_closed", line=line)
        return found

    def class_names(self) -> list[str]:
        """The classes tickets are given in."""
        return sorted(name for name, rule in self.classes.items() if not rule.retired)

    def zone_of(self, line: str, window: int | None) -> str:
        """Where the holder should be: the zone of the window, else of the line; "" if neither is in the settings."""
        if window in self.windows:
            return self.windows[window].zone
        return self.lines[line].zone if line in self.lines else ""


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
