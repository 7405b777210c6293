"""From what the service knows to what the API answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from config import Line, Words
from queue_server.api import models as m
from queue_server.api import visit_models as v
from queue_server.domain import calendar
from queue_server.domain.dispatch import Decision
from queue_server.domain.model import State, Ticket, WindowState, WindowStatus
from queue_server.domain.past import steps
from queue_server.estimate.learning import RECORD_DAYS, Kept
from queue_server.estimate.posted import Range
from queue_server.hallbook import HallBook
from queue_server.issuing import Placed
from queue_server.service import QueueService
from queue_server.store import machines, persons
from queue_server.store.help_calls import HelpCall
from queue_server.store.queries import Reading
from queue_server.windows import AtWindow, past_of

RECENT_CALLS = 20
JUST_TAKEN = timedelta(seconds=5)  # the estimate has seen a ticket by then
LONGEST_LIST = 50  # tickets shown to a window; the count is of all


class Views:
    """`server_url` is where phones reach this server when a hall's settings do not say."""

    def __init__(self, service: QueueService, server_url: str) -> None:
        self.service = service
        self.server_url = server_url

    def ticket(self, placed: Placed) -> m.TicketOut:
        ticket = placed.ticket
        book = self.service.book(ticket.hall)
        return m.TicketOut.model_construct(
            id=ticket.id,
            number=ticket.number,
            hall=ticket.hall,
            line=ticket.line,
            item=ticket.item,
            class_=ticket.cls,
            state=ticket.state,
            business_day=ticket.business_day,
            issued_at=ticket.issued_at,
            key=ticket.key,
            ahead=placed.ahead,
            range=self.range(placed),
            no_window=self.no_window(ticket),
            window=ticket.window,
            bound=ticket.bound or None,
            zone=self._zone(ticket),
            url=f"{book.hall.public_url.rstrip('/') or self.server_url}/t/{ticket.id}",
            printed=ticket.printed,
            print_doubt=ticket.print_doubt,
            prints=ticket.prints,
            calls=ticket.calls,
            called_at=ticket.called_at,
            source=ticket.source,
            lang=ticket.lang,
            steps=_step(ticket),
        )

    def range(self, placed: Placed) -> m.RangeOut | None:
        """What is left of a wait; of a ticket that the estimate has not seen yet, what it was told at first."""
        ticket = placed.ticket
        if ticket.state is not State.WAITING:
            return None
        found = self.service.posted.ticket(ticket.hall, ticket.id) or placed.range
        if found is None and self.service.clock() - ticket.issued_at < JUST_TAKEN and not ticket.bound:
            found = self.service.posted.newcomer(ticket.hall, ticket.line, ticket.cls)
        return _span(found)

    def no_window(self, ticket: Ticket) -> bool:
        return ticket.state is State.WAITING and self.service.posted.no_window(ticket.hall, ticket.line)

    def held_by_citizen(self, reading: Reading, ticket_id: str) -> m.TicketOut:
        """A ticket as its holder sees it: also whether it may come back after a missed call. Raises NotFound."""
        placed = self.service.placed(reading, ticket_id)
        seen = self.ticket(placed)
        seen.return_until = self.service.holders.return_until(reading, placed.ticket)
        seen.steps = _steps(reading, placed.ticket)
        return seen

    def standing(self, reading: Reading, placed: Placed) -> v.StandingOut:
        """A ticket as whoever knows its number alone sees it."""
        return v.StandingOut.model_construct(
            number=placed.ticket.number,
            line=placed.ticket.line,
            state=placed.ticket.state,
            ahead=placed.ahead,
            range=self.range(placed),
            window=placed.ticket.window,
            zone=self._zone(placed.ticket),
            calls=placed.ticket.calls,
            prints=placed.ticket.prints,
            return_until=self.service.holders.return_until(reading, placed.ticket),
        )

    def _zone(self, ticket: Ticket) -> str:
        at = ticket.window if ticket.window is not None else ticket.bound
        return self.service.book(ticket.hall).zone_of(ticket.line, at)

    def served(self, reading: Reading, ticket: Ticket) -> m.ServedTicketOut:
        person = persons.person_of(reading, ticket.id)
        shown = m.PersonOut(masked_name=person.masked_name) if person and person.masked_name else None
        seen = self.ticket(Placed(ticket, 0))
        seen.steps = _steps(reading, ticket)
        return m.ServedTicketOut.model_construct(**dict(seen), person=shown)

    def window(self, book: HallBook, status: WindowStatus, number: str | None) -> m.WindowOut:
        window = book.window(status.no)
        return m.WindowOut.model_construct(
            no=status.no,
            zone=window.zone,
            kind=window.kind,
            state=status.state,
            lines=list(window.lines),
            home_field=window.home_field,
            since=status.since,
            number=number,
        )

    def action(self, hall: str, done: AtWindow) -> m.ActionOut:
        ticket = self.ticket(Placed(done.ticket, done.ahead)) if done.ticket else None
        number = done.ticket.number if done.ticket and done.window.ticket else None
        window = self.window(self.service.book(hall), done.window, number)
        return m.ActionOut.model_construct(ticket=ticket, window=window)

    def called(self, hall: str, done: AtWindow, decision: Decision) -> m.NextOut:
        action = self.action(hall, done)
        reason = m.ReasonOut.model_construct(
            rule=decision.rule.value, candidates=decision.candidates, oldest=decision.oldest.number
        )
        return m.NextOut.model_construct(ticket=action.ticket, window=action.window, reason=reason)

    def window_detail(self, reading: Reading, hall: str, no: int) -> m.WindowDetailOut:
        book = self.service.book(hall)
        status = reading.window(hall, no)
        current = reading.ticket(status.ticket) if status.ticket else None
        serves = () if book.window(no).retired else book.window(no).lines
        count, tickets = reading.callable(hall, serves, no, LONGEST_LIST)
        state = reading.hall(hall)
        held = reading.held(hall, state.business_day, no) if state else []
        shown = self.window(book, status, current.number if current else None)
        coming = _coming(self.service.windows.preview(reading, hall, no)) if count else None
        return m.WindowDetailOut.model_construct(
            **dict(shown),
            at=self.service.clock(),
            coming=coming,
            ticket=self.served(reading, current) if current else None,
            callable=count,
            tickets=[self._listed(reading, t, whole=coming is not None and t.id == coming.ticket) for t in tickets],
            held=[self._listed(reading, t, whole=True) for t in held],
            help=self.help(reading, hall),
        )

    def help(self, reading: Reading, hall: str) -> list[m.HelpCallOut]:
        """Calls for a person that nobody has gone to, the oldest first."""
        return [help_call(call) for call in self.service.help.unanswered(reading, hall)]

    def _listed(self, reading: Reading, ticket: Ticket, *, whole: bool) -> m.TicketOut:
        """A ticket of a window's lists; `whole`: with every step, which costs a look at the log."""
        seen = self.ticket(Placed(ticket, reading.ahead(ticket)))
        if whole:
            seen.steps = _steps(reading, ticket)
        return seen

    def tickets(self, reading: Reading, hall: str, states: list[State]) -> m.TicketsOut:
        """Today's, in order of key; of the given states, or all."""
        state = reading.hall(hall)
        today = reading.of_day(hall, state.business_day) if state else []
        found = [ticket for ticket in today if not states or ticket.state in states]
        before: dict[str, int] = {}  # they are in order, so who is ahead is who was already seen
        answer = []
        for ticket in found:
            waiting = ticket.state is State.WAITING
            answer.append(self.ticket(Placed(ticket, before.get(ticket.line, 0) if waiting else 0)))
            before[ticket.line] = before.get(ticket.line, 0) + waiting
        return m.TicketsOut.model_construct(tickets=answer)

    def devices(self, reading: Reading, hall: str) -> m.DevicesOut:
        found = [m.DeviceOut.model_construct(**dataclasses.asdict(one)) for one in machines.of_hall(reading, hall)]
        return m.DevicesOut.model_construct(devices=found)

    def record(self, hall: str) -> m.RecordOut:
        """How well first ranges held; every line of the hall, also one with none."""
        record = self.service.posted.record(hall)
        lines = [line.id for line in self.service.book(hall).hall.lines if not line.retired]
        kept = {line: record.get(line, Kept()) for line in lines}
        return m.RecordOut.model_construct(
            days=RECORD_DAYS,
            lines=[m.LineRecordOut.model_construct(id=line, **dataclasses.asdict(one)) for line, one in kept.items()],
        )

    def halls(self, now: datetime) -> m.HallsOut:
        return m.HallsOut.model_construct(
            halls=[
                m.HallShortOut.model_construct(
                    id=name, name=m.Name.of(book.hall.name), open=self.service.days.moment(name, now).open
                )
                for name, book in self.service.halls.items()
            ]
        )

    def hall(self, reading: Reading, hall: str) -> m.HallOut:
        book, now = self.service.book(hall), self.service.clock()
        settings, moment = book.hall, self.service.days.moment(hall, now)
        day = self.service.days.today(reading, hall)
        waiting, windows = self._live(reading, hall, day)
        served = _served(book, windows)
        return m.HallOut.model_construct(
            id=hall,
            name=m.Name.of(settings.name),
            phone=settings.phone,
            time_zone=settings.time_zone,
            second_language=settings.second_language,
            lines=[
                _line(book, line, waiting.get(line.id, 0), self._newcomer(hall, line.id, served), line.id not in served)
                for line in settings.lines
                if not line.retired
            ],
            windows=[self.window(book, *windows[one.no]) for one in settings.windows if not one.retired],
            classes=[
                m.ClassOut.model_construct(id=name, name=m.Name.of(rule.name), credit=rule.credit, kiosk=rule.kiosk)
                for name, rule in book.classes.items()
                if not rule.retired
            ],
            hours=m.HoursOut.model_construct(
                open=moment.open,
                tickets=moment.takes_tickets,
                enforced=self.service.days.enforce_hours,
                next_open=calendar.next_opening(settings, now),
                business_day=day,
                weekly=list(settings.hours),
                holidays=list(settings.holidays),
            ),
            rules=settings.rules,
            promise=book.promise,
            notices=[m.Name.of(words) for words in settings.notices],
            popular=self.service.popular.items(reading, hall),
            past=_past(book),
        )

    def board(self, reading: Reading, hall: str) -> m.BoardOut:
        book, now = self.service.book(hall), self.service.clock()
        state = reading.hall(hall)
        assert state is not None
        day = self.service.days.today(reading, hall)
        waiting, windows = self._live(reading, hall, day)
        served = _served(book, windows)
        return m.BoardOut.model_construct(
            seq=state.last_event,
            epoch=state.epoch,
            at=now,
            hall=hall,
            calls=[_call(book, ticket) for ticket in reading.recent_calls(hall, day, RECENT_CALLS)],
            lines=[
                m.BoardLineOut.model_construct(
                    id=line.id,
                    letter=line.letter,
                    name=m.Name.of(line.name),
                    waiting=waiting.get(line.id, 0),
                    range=_span(self._newcomer(hall, line.id, served)),
                    no_window=line.id not in served,
                    open=line.open,
                    opens_next=self.service.days.gives_next(reading, hall, line),
                )
                for line in book.hall.lines
                if not line.retired
            ],
            windows=[
                m.BoardWindowOut.model_construct(
                    no=one.no, zone=one.zone, kind=one.kind, state=windows[one.no][0].state, number=windows[one.no][1]
                )
                for one in book.hall.windows
                if not one.retired
            ],
        )

    def _newcomer(self, hall: str, line: str, served: Collection[str]) -> Range | None:
        """The windows are of this moment; the estimate's look at them may be a little older."""
        return self.service.posted.newcomer(hall, line) if line in served else None

    def _live(
        self, reading: Reading, hall: str, day: date
    ) -> tuple[dict[str, int], dict[int, tuple[WindowStatus, str | None]]]:
        """Waiting per line, and every window with its number; yesterday's are left out before they have expired."""
        state = reading.hall(hall)
        fresh = state is not None and state.business_day >= day
        known = reading.windows(hall)
        windows = {}
        for no in self.service.book(hall).windows:
            status, number = known.get(no, (WindowStatus(no, WindowState.CLOSED, None, None), None))
            windows[no] = status, number if fresh else None
        return reading.waiting_per_line(hall) if fresh else {}, windows


def help_call(call: HelpCall) -> m.HelpCallOut:
    return m.HelpCallOut.model_construct(
        id=call.id, place=call.place, asked_at=call.asked_at, answered_at=call.answered_at
    )


def _span(found: Range | None) -> m.RangeOut | None:
    return m.RangeOut.model_construct(low=found[0], high=found[1]) if found else None


def _served(book: HallBook, windows: Mapping[int, tuple[WindowStatus, str | None]]) -> set[str]:
    """The lines that an open window serves."""
    opened = [no for no, (status, _) in windows.items() if status.state is WindowState.OPEN]
    return {line for no in opened if not book.window(no).retired for line in book.window(no).lines}


def _line(book: HallBook, line: Line, waiting: int, span: Range | None, no_window: bool) -> m.LineOut:
    items = [item for item in book.hall.items if item.line == line.id and not item.retired]
    return m.LineOut.model_construct(
        id=line.id,
        letter=line.letter,
        name=m.Name.of(line.name),
        hint=m.Name.of(line.hint),
        field=line.field,
        zone=line.zone,
        icon=line.icon,
        colour=line.colour,
        open=line.open,
        items=[_named(item.id, item.name) for item in items],
        waiting=waiting,
        range=_span(span),
        no_window=no_window,
    )


def _past(book: HallBook) -> m.PastOut:
    gone = {line.id for line in book.hall.lines if line.retired}
    return m.PastOut.model_construct(
        lines=[_named(line.id, line.name) for line in book.hall.lines if line.id in gone],
        items=[_named(item.id, item.name) for item in book.hall.items if item.retired or item.line in gone],
        classes=[_named(name, rule.name) for name, rule in book.classes.items() if rule.retired],
    )


def _named(name: str, words: Words) -> m.ItemOut:
    return m.ItemOut.model_construct(id=name, name=m.Name.of(words))


def _coming(decision: Decision | None) -> m.ComingOut | None:
    if decision is None:
        return None
    return m.ComingOut.model_construct(
        ticket=decision.ticket.ticket,
        rule=decision.rule.value,
        candidates=decision.candidates,
        oldest=decision.oldest.number,
    )


def _step(ticket: Ticket) -> list[m.StepOut]:
    """The present one, without a look at the log."""
    if ticket.window is None or ticket.called_at is None:
        return []
    return [
        m.StepOut.model_construct(
            line=ticket.line,
            waiting_from=ticket.issued_at,
            window=ticket.window,
            called_at=ticket.called_at,
            started_at=ticket.started_at,
            ended_at=ticket.ended_at,
            outcome="",
        )
    ]


def _steps(reading: Reading, ticket: Ticket) -> list[m.StepOut]:
    """Every visit to a window."""
    known = steps(facts for facts, _ in past_of(reading, ticket))
    return [m.StepOut.model_construct(**dataclasses.asdict(step)) for step in known if step.called_at is not None]


def _call(book: HallBook, ticket: Ticket) -> m.CallOut:
    return m.CallOut.model_construct(
        number=ticket.number,
        line=ticket.line,
        window=ticket.window,
        zone=book.zone_of(ticket.line, ticket.window),
        state=ticket.state,
        at=ticket.called_at,
        calls=ticket.calls,
    )
