"""Speaks calls in the order they were given, in a thread of its own: whoever calls a number never waits for it.

A call is: the chime (twice for a recall), the Chinese sentence, then those in the other languages. The words come
from the voice pack if it has them all, else from espeak-ng; if neither can, the chime alone still makes people look
at the screen. A call takes its length, heard or not. Nothing is spoken twice by itself: a recall is the caller's.

At most `limit` calls wait. One more, and the oldest is given up: its number has stood on the screen for minutes. It
is logged and its `finished` is told, as for every call.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from devices.errors import DeviceError, DeviceRefused, DeviceSilent, SetupError
from devices.health import Health, HealthReport, utc_now
from devices.transport import Line
from devices.voice.calls import Call, Finished, Spoken
from devices.voice.far import FarSpeaker
from devices.voice.outs import Out
from devices.voice.renderer import Renderer, Rendering
from devices.voice.words import One

log = logging.getLogger(__name__)

STATES: tuple[tuple[type[DeviceError], Health], ...] = (  # the first that fits
    (DeviceSilent, Health.SILENT),
    (DeviceRefused, Health.REFUSING),
    (DeviceError, Health.ABSENT),
)
MOMENT = 0.02  # seconds between two attempts to end what plays while closing


Job = tuple[Call, Finished | None]


class Speaker:
    """The `Voice` role. `connect` opens anew each time it is called: an out (addresses.py), or the line to a far one.

    pack        a voice pack's folder (pack.py); empty: espeak-ng
    languages   ["zh"], or ["zh", "en"] for English after Chinese
    one         how 1 is read in a ticket number: "yi" or "yao"
    volume      0 to 100; speed: espeak-ng's, words a minute; espeak: its program
    limit       calls that may wait
    """

    def __init__(
        self,
        connect: Callable[[], Out | Line],
        *,
        pack: str = "",
        languages: Sequence[str] = ("zh",),
        one: One = "yi",
        volume: int = 80,
        speed: int = 150,
        espeak: str = "espeak-ng",
        limit: int = 20,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,  # None: waits, and close() ends it
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        if limit < 1:
            raise SetupError(f"limit = {limit}: at least one call must be able to wait")
        self._renderer = Renderer(pack=pack, languages=languages, one=one, volume=volume, speed=speed, espeak=espeak)
        self._connect, self._limit = connect, limit
        self._clock, self._sleep, self._now = clock, sleep, now
        self._change = threading.Condition()  # guards the next four
        self._waiting: deque[Job] = deque()
        self._given_up: list[Job] = []
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._playing = threading.Lock()  # guards the next two
        self._out: Out | None = None
        self._paced = True  # until an out says otherwise
        self._trouble: DeviceError | None = None  # what the out said last
        self._lack = ""  # why the last call was only a chime

    def say(self, call: Call, finished: Finished | None = None) -> None:
        """Returns at once. `finished` is called once for every call, in the voice's thread or in that of close()."""
        with self._change:
            if len(self._waiting) >= self._limit:
                self._given_up.append(self._waiting.popleft())
                log.warning("%d calls wait to be spoken: the oldest is given up", self._limit)
            self._waiting.append((call, finished))
            if self._thread is None:
                self._ended = threading.Event()
                self._thread = threading.Thread(target=self._run, args=(self._ended,), name="voice", daemon=True)
                self._thread.start()
            self._change.notify()

    def length(self, call: Call) -> float:
        """Seconds the call will take. Makes its sound if it is not made yet: 0.2 s, or 3 if espeak-ng hangs."""
        return self._renderer.render(call).sound.seconds

    def check(self) -> HealthReport:
        """Health now; while something plays, as it was before."""
        if self._playing.acquire(blocking=False):
            try:
                self._open().check()
                self._note(None)
            except DeviceError as error:
                self._drop()
                self._note(error)
            finally:
                self._playing.release()
        if trouble := self._trouble:
            state = next(state for kind, state in STATES if isinstance(trouble, kind))
            return HealthReport(state, str(trouble), self._now())
        detail = self._lack or self._renderer.flaw
        return HealthReport(Health.WARNING if detail else Health.READY, detail, self._now())

    def close(self) -> None:
        """Ends what plays; what waits is told that it will not be spoken. The next call begins anew."""
        with self._change:
            thread, self._thread = self._thread, None
            lost = [*self._given_up, *self._waiting]
            self._given_up, self._waiting = [], deque()
            self._ended.set()
            self._change.notify()
        while thread is not None and thread.is_alive() and thread is not threading.current_thread():
            if self._out is not None:
                self._out.stop()
            self._renderer.stop()
            thread.join(MOMENT)
        if thread is not threading.current_thread():
            with self._playing:
                self._drop()
        for call, finished in lost:
            _tell(finished, Spoken(call, 0.0, "not spoken: closed"))

    # --- the voice's thread -------------------------------------------------------------------------------------------

    def _run(self, ended: threading.Event) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: ended.is_set() or self._waiting)
                if ended.is_set():
                    return
                lost, self._given_up = self._given_up, []
                call, finished = self._waiting.popleft()
            for old, told in lost:
                _tell(told, Spoken(old, 0.0, f"not spoken: more than {self._limit} calls waited"))
            try:
                spoken = self._speak(call, ended)
            except Exception:
                log.exception("speaking a call failed")
                spoken = Spoken(call, 0.0, "the voice failed; see the log")
            _tell(finished, spoken)

    def _speak(self, call: Call, ended: threading.Event) -> Spoken:
        rendering = self._renderer.render(call)
        self._lack = rendering.lack
        began, seconds = self._clock(), rendering.sound.seconds
        closed = "not spoken whole: closed"
        problem = closed if ended.is_set() else self._play(rendering)
        left = began + seconds - self._clock()
        if self._paced and left > 0:
            (self._sleep or ended.wait)(left)
            if ended.is_set():
                problem = closed
        return Spoken(call, seconds, problem or rendering.lack)

    def _play(self, rendering: Rendering) -> str:
        """Why it was not heard whole."""
        with self._playing:
            try:
                self._open().play(rendering.sound, rendering.words)
            except DeviceError as error:
                self._drop()
                self._note(error)
                return str(error)
            self._note(None)
            return ""

    def _open(self) -> Out:
        if self._out is None:
            end = self._connect()
            self._out = end if isinstance(end, Out) else FarSpeaker(end, self._clock)
            self._paced = self._out.paced
        return self._out

    def _drop(self) -> None:
        if self._out is not None:
            self._out.close()
            self._out = None

    def _note(self, trouble: DeviceError | None) -> None:
        if str(trouble) != str(self._trouble):
            log.log(logging.WARNING if trouble else logging.INFO, "voice: %s", trouble or "works again")
        self._trouble = trouble


def _tell(finished: Finished | None, spoken: Spoken) -> None:
    if finished is None:
        return
    try:
        finished(spoken)
    except Exception:
        log.exception("a listener for the end of a call failed")
