"""Makes the fonts of fonts.py from installed packages, at set-up.

A font that is there and as old as its source is left alone, so that running it again costs nothing. Each is written
beside its place and moved there: a set-up cut short never leaves half a font.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTCollection

from devices.errors import SetupError
from devices.fonts import FILES, FOLDER, ICON_NAMES

NOTO = Path("/usr/share/fonts/opentype/noto")  # Debian's fonts-noto-cjk
APT, PIP = "apt-get install --no-install-recommends fonts-noto-cjk", "pip install -r requirements.txt"


@dataclass(frozen=True)
class Source:
    """A file of an installed package; `face` is the name of one face in a collection."""

    package: str  # Python package; empty: Debian's fonts-noto-cjk
    file: str
    face: str = ""

    def find(self) -> Path:
        """SetupError with the line to run if the package is not installed."""
        if not self.package:
            file = NOTO / self.file
        else:
            spec = importlib.util.find_spec(self.package)  # not imported: qtawesome asks for Qt
            folder = Path(spec.origin).parent if spec and spec.origin else Path("/nowhere")
            file = folder / self.file
        if not file.exists():
            raise SetupError(f"font {self.file} is not installed; run: {PIP if self.package else APT}")
        return file


SOURCES: dict[str, Source] = {
    FILES["sans"]: Source("", "NotoSansCJK-Regular.ttc", "Noto Sans CJK SC"),
    FILES["sans-bold"]: Source("", "NotoSansCJK-Bold.ttc", "Noto Sans CJK SC Bold"),
    FILES["mono"]: Source("", "NotoSansCJK-Regular.ttc", "Noto Sans Mono CJK SC"),
    FILES["mono-bold"]: Source("", "NotoSansCJK-Bold.ttc", "Noto Sans Mono CJK SC Bold"),
    FILES["number"]: Source("fontpkg_barlow", "files/Barlow-SemiBold.ttf"),
    FILES["number-bold"]: Source("fontpkg_barlow", "files/Barlow-Bold.ttf"),
    FILES["icons"]: Source("qtawesome", "fonts/phosphor-1.3.0.ttf"),
    ICON_NAMES: Source("qtawesome", "fonts/phosphor-charmap-1.3.0.json"),
}


def make(tell: Callable[[str], None], folder: Path = FOLDER) -> None:
    """Makes what is missing or older than its source; `tell` gets a line for each. SetupError, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in SOURCES.items():
        origin, place = source.find(), folder / name
        age = origin.stat().st_mtime_ns
        if place.exists() and place.stat().st_mtime_ns == age:
            tell(f"{name}: up to date")
            continue
        tell(f"{name}: from {origin.name} …")
        part = place.with_suffix(f".{os.getpid()}.part")
        try:
            _write(origin, source.face, part)
            os.utime(part, ns=(age, age))
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def _write(origin: Path, face: str, part: Path) -> None:
    if not face:
        shutil.copyfile(origin, part)
        return
    with TTCollection(origin, lazy=True) as collection:
        fonts = {str(font["name"].getDebugName(4)): font for font in collection.fonts}
        if face not in fonts:
            raise SetupError(f"{origin} holds no {face}; run: {APT}")
        fonts[face].save(part)
