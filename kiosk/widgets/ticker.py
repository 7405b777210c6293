"""Sentences that run along the foot of a hall screen, one after the other, for ever.

Each sentence is drawn once into textures of at most PIECE px, since a texture wider than the graphics card's limit
comes out black, and then only one translation moves: a frame costs one number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, InstructionGroup, PopMatrix, PushMatrix, Rectangle, Translate
from kivy.properties import ColorProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.stencilview import StencilView

from kiosk.widgets.label import drawn_by

PIECE = 2048  # px; the least a graphics card of the last fifteen years can do
STEP = 1 / 30  # s; read as well as at 60 a second, and half the work where graphics are software
LONGEST_STEP = 0.1  # s; after a frame that came late the text goes on from where it was and does not jump


class Ticker(StencilView):
    """Shows `sentences`; the same list again changes nothing, so that a reload does not start the text anew."""

    sentences = ListProperty()
    font_name = StringProperty("Sans")
    font_size = NumericProperty(36)
    colour = ColorProperty((1, 1, 1, 1))
    speed = NumericProperty(110)  # px a second
    gap = NumericProperty(140)  # px between sentences

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self._length = 0.0  # of all sentences with their gaps, px
        self._offset = 0.0
        with self.canvas:
            PushMatrix()
            self._shift = Translate()
            self._ink = Color()
            self._text = InstructionGroup()
            PopMatrix()
        redraw = Clock.create_trigger(lambda _dt: self._draw())
        self.bind(sentences=redraw, font_size=redraw, colour=redraw, size=redraw, gap=redraw, pos=self._place)
        self._running = Clock.schedule_interval(self._move, STEP)

    def stop(self) -> None:
        """Ends the movement, for a widget that leaves the screen for good."""
        self._running.cancel()

    def _draw(self) -> None:
        """Draws one round of sentences, and as many more as fill the width behind it."""
        self._text.clear()
        self._ink.rgba = self.colour
        one_round = list(self._round())
        self._length = sum(advance for _, advance in one_round)
        if not self._length:
            return
        x = 0.0
        while x < self._length + self.width:
            for texture, advance in one_round:
                y = round((self.height - texture.height) / 2)
                self._text.add(Rectangle(texture=texture, size=texture.size, pos=(x, y)))
                x += advance
        self._place()

    def _round(self) -> Iterator[tuple[Any, float]]:
        """The textures of all sentences in order, each with the px to the next one's start."""
        for sentence in self.sentences:
            textures = [self._texture(piece) for piece in pieces(sentence, int(PIECE / self.font_size))]
            for texture in textures[:-1]:
                yield texture, texture.width
            for texture in textures[-1:]:
                yield texture, texture.width + self.gap

    def _texture(self, text: str) -> Any:
        label = drawn_by(text, self.font_name)(text=text, font_name=self.font_name, font_size=self.font_size)
        label.refresh()
        return label.texture

    def _move(self, dt: float) -> None:
        if self._length:
            self._offset = (self._offset + self.speed * min(dt, LONGEST_STEP)) % self._length
            self._place()

    def _place(self, *_: object) -> None:
        # whole px: half a texel would blur every letter
        self._shift.xy = round(self.x - self._offset), self.y


def pieces(sentence: str, longest: int) -> list[str]:
    """The sentence cut into parts of at most `longest` characters, between words where it has words."""
    found: list[str] = []
    for word in re.findall(r"[!-~’“”–]+\s*|.", sentence):
        for part in (word[start : start + longest] for start in range(0, len(word), longest)):
            if found and len(found[-1]) + len(part) <= longest:
                found[-1] += part
            else:
                found.append(part)
    return found
