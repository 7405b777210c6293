"""Drives a Kivy app in the test's own thread: frames by hand, touches, time jumps, and looks at what is shown."""

import itertools
import time
from pathlib import Path

from kivy.app import App
from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.tests.common import UnitTestTouch
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label

from kiosk import dump
from kiosk.widgets.overlay import Overlay


class Driver:
    """One running app. `skew` is how far Kivy's clock was jumped; it never goes back, tests share the clock."""

    skew = 0.0
    ticking = staticmethod(time.perf_counter)

    def __init__(self, app, width=1080, height=1920):
        from kivy.core.window import Window

        self.app, self.window = app, Window
        Clock._max_fps = 0  # no sleep between frames
        Window.close = lambda *_: None  # the window outlives each app
        if tuple(Window.size) != (width, height):
            Window.size = (width, height)
        app._run_prepare()
        runTouchApp(embedded=True)  # App.run() without the main loop
        self.frames(3)

    def close(self):
        """Harmless for one that is closed: a test may end its program before the test ends."""
        if self.app is None:
            return
        self.app.stop()
        Clock.time = lambda: time.perf_counter() + Driver.skew
        stopTouchApp()
        for child in self.window.children[:]:
            self.window.remove_widget(child)
        self.window.release_all_keyboards()  # it and Kivy would keep the whole app
        self.app = App._running_app = None

    # -- time --------------------------------------------------------------------------------------------------------

    def frames(self, count=1):
        for _ in range(count):
            EventLoop.idle()

    def advance(self, seconds):
        """Jumps Kivy's clock: time-outs and countdowns without waiting."""
        Driver.skew += seconds
        Clock.time = lambda: self.ticking() + Driver.skew
        self.frames(2)

    def stop_the_clock(self):
        """From here on only `advance` moves this driver's time, however slow the machine is."""
        now = time.perf_counter()
        self.ticking = lambda: now
        self.advance(0)

    def run(self, seconds):
        """Frames for so long in real time."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            EventLoop.idle()
            time.sleep(0.002)

    def wait(self, what, condition, seconds=10):
        """Frames until `condition()` is true; its value."""
        end = time.perf_counter() + seconds
        while not (found := condition()):
            assert time.perf_counter() < end, f"waited for {what}; on screen: {self.texts()}"
            EventLoop.idle()
            time.sleep(0.002)
        return found

    # -- looking -----------------------------------------------------------------------------------------------------

    def shown(self, kind=object):
        return [widget for widget in dump.visible(self.window) if isinstance(widget, kind)]

    def texts(self):
        return dump.texts(self.window)

    def says(self, words):
        return any(words in text for text in self.texts())

    def rects(self):
        return dump.rects(self.window)

    def find(self, testid):
        hits = [widget for widget in self.shown() if getattr(widget, "testid", "") == testid]
        assert len(hits) == 1, f"{len(hits)} widgets are called {testid}; there are {sorted(self.rects())}"
        return hits[0]

    def picture(self, path):
        """A PNG of the window."""
        self.window.canvas.ask_update()
        self.frames(2)
        type(self.window).on_draw(self.window)  # tests may have switched it off
        taken = self.window.screenshot(name=str(path))
        path.unlink(missing_ok=True)
        return Path(taken).rename(path)

    # -- touching ----------------------------------------------------------------------------------------------------

    def press(self, testid):
        """A finger down on a widget; returns the touch, to lift it with `touch_up()`."""
        x, y, width, height = dump.box(self.find(testid))
        touch = UnitTestTouch(x + width / 2, y + height / 2)
        touch.touch_down()
        return touch

    def tap(self, testid):
        touch = self.press(testid)
        self.frames(1)
        touch.touch_up()
        self.frames(2)

    # -- rules every screen keeps ------------------------------------------------------------------------------------

    def drawn(self, label):
        """Where a label's text itself is: x, y, width, height in px from the bottom left."""
        x, y, width, height = dump.box(label)
        text_width, text_height = label.texture_size
        left = {"left": x, "right": x + width - text_width}.get(label.halign, x + (width - text_width) / 2)
        return left, y + (height - text_height) / 2, text_width, text_height

    def overflows(self):
        """Texts that leave their own box, the button they stand in, or the window."""
        for label in self.shown(Label):
            if not label.text.strip():
                continue
            x, y, width, height = self.drawn(label)
            holders = [dump.box(one) for one in (label, *self._buttons_around(label))]
            for left, low, wide, high in (*holders, (0, 0, *self.window.size)):
                if x < left - 1 or y < low - 1 or x + width > left + wide + 1 or y + height > low + high + 1:
                    yield label.text, (x, y, width, height), (left, low, wide, high)

    def _buttons_around(self, widget):
        parent = widget.parent
        while parent is not None and parent is not self.window:
            if isinstance(parent, ButtonBehavior):
                return [parent]
            parent = parent.parent if parent.parent is not parent else None
        return []

    def overlaps(self):
        """Pairs of texts that cover each other; with an overlay shown, those of the overlay."""
        labels = [one for one in self.front() if isinstance(one, Label)]
        boxes = [(one.text, *self.drawn(one)) for one in labels if one.text.strip()]
        for (one, x, y, w, h), (other, x2, y2, w2, h2) in itertools.combinations(boxes, 2):
            if min(x + w, x2 + w2) - max(x, x2) > 2 and min(y + h, y2 + h2) - max(y, y2) > 2:
                yield one, other

    def buttons(self):
        """What can be touched now."""
        return [one for one in self.front() if isinstance(one, ButtonBehavior) and not one.disabled]

    def front(self):
        """What is shown; with an overlay, only that."""
        overlay = next(iter(self.shown(Overlay)), None)
        return [one for one in self.shown() if overlay is None or one in set(overlay.walk())]
