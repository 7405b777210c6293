"""How a hall marks its terminals as its own: an emblem and a colour, checked before anything is shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from config import ConfigError
from config.schema import Theme
from devices import fonts
from devices.errors import SetupError
from kiosk.theme import Colour, Rgba, contrast, rgba

LEAST = 4.5  # contrast of words, by WCAG 2.2 1.4.3; 7 in elder mode, which takes the darker shade
ELDER_LEAST = 7.0
SHADES = 20  # steps from a colour to black
PALE = 0.1  # how much of a colour is in its pale ground, at most


@dataclass(frozen=True)
class Brand:
    """`colour` is behind white words and of figures on white; `dark` a shade of it for elder mode and gradients; `pale`
    a ground for words of either. `icon` is a Phosphor icon's name; `picture` a file shown instead, empty for none.
    """

    colour: Rgba = Colour.primary
    dark: Rgba = Colour.primary_dk
    pale: Rgba = Colour.primary_lt
    icon: str = "bank"
    picture: str = ""


def brand(theme: Theme, file: Path) -> Brand:
    """The brand a settings file asks for; `emblem` may be a path from it. Raises ConfigError."""
    faults: list[str] = []
    colour = rgba(theme.accent)
    found = contrast(Colour.white, colour)
    if found < LEAST:
        hint = f"{_hex(darker(colour, LEAST))} is the nearest shade that does"
        faults.append(
            f"theme.accent: white words on {theme.accent} have a contrast of {found:.1f}, {LEAST} is needed; {hint}"
        )
    icon, picture = theme.emblem, ""
    if "." in theme.emblem or "/" in theme.emblem:
        icon, picture = "", str(file.parent / theme.emblem)
        faults += _picture_faults(Path(picture))
    else:
        faults += _icon_faults(icon)
    if faults:
        raise ConfigError(file, faults)
    if colour == Colour.primary:
        return Brand(icon=icon, picture=picture)
    pale = ground(colour)
    return Brand(colour, darker(colour, ELDER_LEAST, pale), pale, icon, picture)


def darker(colour: Rgba, least: float, beside: Rgba = Colour.white) -> Rgba:
    """The lightest shade of the colour that has at least this contrast to another."""
    for step in range(SHADES + 1):
        share = 1 - step / SHADES
        red, green, blue = (round(part * share * 255) / 255 for part in colour[:3])
        if contrast(beside, (red, green, blue, 1.0)) >= least:
            break
    return red, green, blue, 1.0


def ground(colour: Rgba) -> Rgba:
    """A pale ground for words of this colour, as coloured as they allow: white for the palest."""
    for step in range(SHADES + 1):
        share = PALE * (1 - step / SHADES)
        red, green, blue = (round((part * share + 1 - share) * 255) / 255 for part in colour[:3])
        if contrast(colour, (red, green, blue, 1.0)) >= LEAST:
            break
    return red, green, blue, 1.0


def _hex(colour: Rgba) -> str:
    return "#" + "".join(f"{round(part * 255):02X}" for part in colour[:3])


def _picture_faults(file: Path) -> list[str]:
    try:
        with Image.open(file) as picture:
            picture.verify()
    except FileNotFoundError:
        return [f"theme.emblem: there is no file {file}"]
    except (UnidentifiedImageError, OSError, SyntaxError):  # the last is what a broken PNG raises
        return [f"theme.emblem: {file} is no picture; save it as PNG, square and 256 px or more wide"]
    return []


def _icon_faults(name: str) -> list[str]:
    try:
        fonts.icon(name)
    except SetupError:
        return [f'theme.emblem: no icon is called "{name}"; a Phosphor icon\'s name or a path to a PNG is expected']
    return []
