"""The look in one place: colours, sizes in millimetres, radii, fonts. Everything in KV comes from here.

Gold means only "being called or about to be". The `*_ink` colours are dark enough for text on white and on their own
pale face (4.5:1 and more), `*_dk` for elder mode (7:1 and more); the brighter ones are for shapes. Sizes are
millimetres on the terminal's glass; the app turns them into px with its `mm()`.
"""

from __future__ import annotations

import contextlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from kivy.core.text import LabelBase
from kivy.graphics.texture import Texture
from kivy.lang import Builder
from kivy.utils import get_color_from_hex

from devices import fonts
from devices.errors import SetupError

Rgba = tuple[float, float, float, float]


def rgba(colour: str, alpha: float = 1.0) -> Rgba:
    """`#RRGGBB` as Kivy wants it, each part 0…1."""
    red, green, blue = get_color_from_hex(colour)[:3]
    return red, green, blue, alpha


class Colour:
    """Colours by use."""

    bg = rgba("#F2F5FA")
    surface = rgba("#FFFFFF")
    line = rgba("#D5DDE9")
    faint = rgba("#E1E7F0")  # what cannot be touched now
    shadow = rgba("#10203B", 0.07)
    veil = rgba("#071B40", 0.62)
    ink = rgba("#10203B")
    ink_2 = rgba("#51617C")
    ink_2_dk = rgba("#465570")
    ink_3 = rgba("#61708A")  # the lightest that is still text
    white = rgba("#FFFFFF")
    white_2 = rgba("#FFFFFF", 0.88)
    clear = rgba("#FFFFFF", 0.0)
    primary = rgba("#1456D9")
    primary_dk = rgba("#0A3593")
    primary_lt = rgba("#E7EFFF")
    gold = rgba("#FFC84A")
    warn_ink = rgba("#8A4B00")
    warn_dk = rgba("#6B3900")
    warn_lt = rgba("#FFF1DC")
    ok = rgba("#0F9D58")
    ok_ink = rgba("#0A6B3C")
    ok_dk = rgba("#06502C")
    ok_lt = rgba("#E3F6EC")
    danger = rgba("#D6322B")
    danger_ink = rgba("#B3261E")
    danger_dk = rgba("#8C1A14")
    danger_lt = rgba("#FDEAE9")
    # hall screens: light on navy
    night = rgba("#071B40")
    night_deep = rgba("#030D24")
    night_card = rgba("#0E2A5C")
    night_card_2 = rgba("#12336E")
    night_line = rgba("#24498C")
    night_ink = rgba("#FFFFFF")
    night_ink_2 = rgba("#A9C1EE")
    night_ok = rgba("#4BE3A0")
    night_call = rgba("#0F46BA")  # the ground of a called number: gold on it has 5:1
    night_rose = rgba("#FF6B88")


class Mm:
    """Lengths on the glass in millimetres. Capitals are 0.73 of the type size: 6.6 gives the 4.8 mm asked for."""

    # type
    small = 6.6
    body = 7.2
    lead = 8.2
    h3 = 10.0
    h2 = 12.0
    h1 = 14.5
    clock = 20.0
    figure = 18.0
    number = 72.0
    # spacing
    xs = 2.0
    s = 4.0
    m = 6.0
    l = 8.0  # noqa: E741 - sizes are called s, m, l everywhere
    xl = 12.0
    # radii
    r_s = 3.0
    r_m = 5.0
    r_l = 7.0
    r_xl = 9.0
    # touch
    touch = 20.0
    gap = 3.0


# Kivy's name for a face -> our regular and bold files. "Roboto" is Kivy's default: labels without a name get ours.
FACES = {
    "Roboto": ("sans", "sans-bold"),
    "Sans": ("sans", "sans-bold"),
    "Number": ("number", "number-bold"),
    "Icon": ("icons", "icons"),
}


def register_fonts() -> None:
    """Tells Kivy our faces. Doing it again is harmless."""
    for name, (regular, bold) in FACES.items():
        LabelBase.register(name, str(fonts.path(regular)), fn_bold=str(fonts.path(bold)))
    for rare in fonts.RARE:
        with contextlib.suppress(SetupError):  # not installed: the character is shown as a box
            LabelBase.register(rare, str(fonts.path(rare)))


@lru_cache(maxsize=256)
def icon(name: str) -> str:
    """The character of a Phosphor icon, filled where the set has it so: `icon("house-line")`; `file` if unknown.

    Names come from settings too: a misspelt one must cost a picture, not the screen.
    """
    for one in (f"{name}-fill", name, "file-fill"):
        with contextlib.suppress(SetupError):
            return str(fonts.icon(one))
    return ""


@lru_cache(maxsize=256)
def outline(name: str) -> str:
    """The character of a Phosphor icon in bold lines, for arrows: `outline("arrow-left")`."""
    return str(fonts.icon(f"{name}-bold"))


@lru_cache(maxsize=32)
def gradient(start: Rgba, end: Rgba, horizontal: bool = False, steps: int = 64) -> Any:
    """A texture running from one colour to another, left to right or bottom to top; kept for ever."""
    pixels = bytearray()
    for step in range(steps):
        share = step / (steps - 1)
        pixels += bytes(round(255 * (a + (b - a) * share)) for a, b in zip(start, end, strict=True))
    texture = Texture.create(size=(steps, 1) if horizontal else (1, steps), colorfmt="rgba")
    texture.blit_buffer(bytes(pixels), colorfmt="rgba", bufferfmt="ubyte")
    texture.mag_filter = texture.min_filter = "linear"
    texture.wrap = "clamp_to_edge"
    return texture


def load_kv(module_file: str) -> None:
    """Loads the KV beside a Python file, once: `load_kv(__file__)` in home.py loads home.kv."""
    path = str(Path(module_file).with_suffix(".kv"))
    if path not in Builder.files:
        Builder.load_file(path)


def contrast(front: Rgba, back: Rgba) -> float:
    """WCAG contrast of text on a ground; a see-through front is first laid over the ground."""
    alpha = front[3]
    seen = tuple(f * alpha + b * (1 - alpha) for f, b in zip(front[:3], back[:3], strict=True))
    light, dark = sorted((_luminance(seen), _luminance(back[:3])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: tuple[float, ...]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
