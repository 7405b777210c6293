"""Reads ID cards on an SDT reader: says whether a card lies there, and who it is once the citizen has agreed.

Polling sends `20 01` and nothing else, at most every POLL seconds: it tells that a card is there, not whose. Find,
select and read go out together and only in `read`, in this order every time, as the protocol wants. Of what the chip
holds, name, birth date and number leave this module; photo, address and the rest end with the call that got them.

A card whose reading failed answers no more until it is lifted (source: a public driver), so `read` tries once more on
a bad line and then says so. Deadlines: public drivers wait 0.3 to 1 s for short commands and 2 s for 30 01, whose
1295 bytes take 1.4 s more at 9600 baud.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from devices.dialogue import Dialogue
from devices.errors import BadFrame, DeviceRefused
from devices.health import HealthReport, utc_now
from devices.sdt import chip, codec
from devices.sdt.card import Card, CardUnreadable, Private
from devices.sdt.codec import Answer, Command
from devices.sdt.numbers import flaw
from devices.transport import Line

log = logging.getLogger(__name__)

POLL = 0.3  # seconds between two finds, at least


class SdtReader:
    """The `IdCardReader` role. `connect` opens the line anew each time it is called.

    answer_within, read_within    seconds for the answer to a short command, and for text and photo
    """

    def __init__(
        self,
        connect: Callable[[], Line],
        *,
        answer_within: float = 1.0,
        read_within: float = 3.5,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._dialogue = Dialogue(connect, clock=clock, now=now)
        self._answer_within, self._read_within = answer_within, read_within
        self._clock, self._sleep = clock, sleep
        self._next_find = clock()

    def card_present(self) -> bool:
        """Whether a card lies there; see IdCardReader.card_present for what it raises."""
        return self._dialogue.hold(self._find).sw3 == codec.FOUND

    def read(self) -> Card:
        """Who it is; see IdCardReader.read for what it raises."""
        began = self._clock()
        card = _person(chip.read(self._dialogue.hold(self._text)))
        log.info("read a %s card in %.2f s", card.kind.value, self._clock() - began)
        return card

    def check(self) -> HealthReport:
        """Health now; waits for a running read."""
        return self._dialogue.check(self._state)

    def close(self) -> None:
        self._dialogue.close()

    def _state(self) -> str:
        answer = self._ask(codec.STATE, self._answer_within)
        return "" if answer.sw3 == codec.OK else answer.words

    def _find(self) -> Answer:
        """The answer to 20 01, which is FOUND or NO_CARD."""
        if (early := self._next_find - self._clock()) > 0:
            self._sleep(early)
        try:
            answer = self._ask(codec.FIND, self._answer_within)
        finally:
            self._next_find = self._clock() + POLL
        if answer.sw3 not in (codec.FOUND, codec.NO_CARD):
            raise DeviceRefused(answer.words)
        return answer

    def _text(self) -> Private:
        """Find, select, read: the text in the chip."""
        _need(codec.FOUND, self._find())
        _need(codec.OK, self._ask(codec.SELECT, self._answer_within))
        answer = self._ask(codec.READ, self._read_within)
        _need(codec.OK, answer)
        return codec.card_text(answer.data)

    def _ask(self, code: bytes, within: float) -> Answer:
        decoder = codec.Decoder()

        def answers(data: bytes) -> Iterator[Answer]:
            return filter(None, map(codec.read_answer, decoder.feed(data)))

        answer = self._dialogue.ask(Command(code).to_bytes(), answers, within, "card reader")
        if answer.sw3 in codec.DAMAGED:
            raise BadFrame(answer.words)
        return answer


def _need(wanted: int, answer: Answer) -> None:
    if answer.sw3 in codec.WRONG_CARD:
        raise CardUnreadable(f"{answer.words}: lift the card and lay it again")
    if answer.sw3 != wanted:
        raise DeviceRefused(answer.words)


def _person(text: chip.ChipText) -> Card:
    """Name, birth and number, if they can be right. CardUnreadable otherwise."""
    if wrong := _wrong(text):
        raise CardUnreadable(f"{wrong}: lift the card and lay it again")
    birth = chip.day(text.birth)
    assert birth is not None
    return Card(text.kind, text.name or text.latin_name, birth, text.number)


def _wrong(text: chip.ChipText) -> str:
    """What cannot be right; "" if nothing. Not raised here: a traceback may print a function's variables."""
    birth = chip.day(text.birth)
    if birth is None:
        return "the card holds no birth date"
    if not (text.name or text.latin_name):
        return "the card holds no name"
    return flaw(text.kind, text.number, birth)
