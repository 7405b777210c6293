"""A hall's day by looking at every single person at every single microsecond."""

from __future__ import annotations

from datetime import timedelta

from queue_server.simulate.scene import FOREVER, Counter, Visitor

MICROSECOND = timedelta(microseconds=1)


class Oracle:
    """`called` and `window` as the engine has them, for days of some hundred microseconds that begin at 0."""

    def __init__(self, counters: list[Counter], visitors: list[Visitor]) -> None:
        self.counters, self.visitors = counters, visitors
        self.called, self.window = [-1] * len(visitors), [-1] * len(visitors)
        self.waiting: list[int] = [who for who, one in enumerate(visitors) if one.arrives <= 0]
        self.free_at = [counter.free_at for counter in counters]
        self.resting: dict[int, int] = {}  # window -> since
        self.pauses = [list(counter.breaks) for counter in counters]
        for window in sorted(range(len(counters)), key=lambda window: (self.free_at[window], window)):
            if self.free_at[window] <= 0:
                self.free(window, 0, since=self.free_at[window])
        last = max((one.arrives for one in visitors), default=0)
        for now in range(1, 600):
            if now <= last or self.waiting:
                self.instant(now)

    def instant(self, now: int) -> None:
        for who, one in enumerate(self.visitors):
            if one.arrives == now:
                able = [window for window in self.resting if self.may(window, one)]
                if able:
                    self.call(who, min(able, key=lambda window: self.welcome(window, one)), now)
                else:
                    self.waiting.append(who)
        for window in range(len(self.counters)):
            if self.free_at[window] <= now and (window not in self.resting or self.due(window, now)):
                self.free(window, now, since=now)

    def may(self, window: int, one: Visitor) -> bool:
        desk = self.counters[window].desk
        return one.line in desk.lines and one.bound in (0, desk.no)

    def likes(self, window: int, one: Visitor) -> bool:
        desk = self.counters[window].desk
        return one.line in desk.own_lines or one.cls in desk.own_classes

    def welcome(self, window: int, one: Visitor) -> tuple[int, int, int, int]:
        """QUEUE R4."""
        desk = self.counters[window].desk
        return (0 if self.likes(window, one) else 1), len(desk.lines), self.resting[window], desk.no

    def due(self, window: int, now: int) -> bool:
        return bool(self.pauses[window]) and self.pauses[window][0].at <= now

    def free(self, window: int, now: int, since: int) -> None:
        if self.due(window, now):
            self.resting.pop(window, None)
            length = self.pauses[window].pop(0).length
            self.free_at[window] = FOREVER if length >= FOREVER else now + length
            return
        who = self.next(window)
        if who is None:
            self.resting[window] = since
        else:
            self.waiting.remove(who)
            self.call(who, window, now)

    def next(self, window: int) -> int | None:
        """QUEUE R2, R3, R5."""
        tolerance = self.counters[window].desk.tolerance // MICROSECOND
        mine = [(self.visitors[who].key, who) for who in self.waiting if self.may(window, self.visitors[who])]
        bound = sorted(place for place in mine if self.visitors[place[1]].bound)
        queue = sorted(place for place in mine if not self.visitors[place[1]].bound)
        if bound:
            return bound[0][1]
        for key, who in queue:
            if self.likes(window, self.visitors[who]) and key <= queue[0][0] + tolerance:
                return who
        return queue[0][1] if queue else None

    def call(self, who: int, window: int, now: int) -> None:
        self.resting.pop(window, None)
        one, counter = self.visitors[who], self.counters[window]
        self.called[who], self.window[who] = now, window
        knows = counter.knows is None or one.line in counter.knows
        self.free_at[window] = now + (one.own if knows else one.off)
