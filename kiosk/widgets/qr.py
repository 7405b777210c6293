"""A QR code on the screen, in whole px so that every phone reads it."""

from __future__ import annotations

from typing import Any

import qrcode
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty
from kivy.uix.widget import Widget

QUIET = 4  # modules of white around the code, as the standard asks


class QrCode(Widget):
    """Draws `text`; nothing without one."""

    text_to_show = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._texture: Any = None
        self.bind(text_to_show=self._make, pos=self._draw, size=self._draw)

    def _make(self, *_: Any) -> None:
        self._texture = texture_of(self.text_to_show) if self.text_to_show else None
        self._draw()

    def _draw(self, *_: Any) -> None:
        self.canvas.clear()
        if not self._texture:
            return
        modules = self._texture.width
        side = max(1, int(min(self.size) // modules)) * modules  # a module is a whole number of px
        left, low = round(self.center_x - side / 2), round(self.center_y - side / 2)
        with self.canvas:
            Color(1, 1, 1, 1)
            Rectangle(texture=self._texture, pos=(left, low), size=(side, side))


def texture_of(text: str) -> Any:
    """One px a module."""
    code = qrcode.QRCode(border=QUIET, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    pixels = b"".join(bytes([0 if dark else 255]) * 3 for row in reversed(rows) for dark in row)
    texture = Texture.create(size=(len(rows), len(rows)), colorfmt="rgb")
    texture.blit_buffer(pixels, colorfmt="rgb", bufferfmt="ubyte")
    texture.mag_filter = texture.min_filter = "nearest"
    return texture
