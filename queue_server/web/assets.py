"""What pages need beside `static/`: the numerals' font, which comes from its package and not from the repository."""

from __future__ import annotations

import io
from functools import cache
from importlib import resources

from flask import Blueprint, Response
from fontTools import subset

assets = Blueprint("assets", __name__)
NUMERALS = resources.files("fontpkg_barlow") / "files" / "Barlow-SemiBold.ttf"
A_DAY = "public, max-age=86400"


@assets.get("/web/barlow-600.ttf")
def numerals() -> Response:
    return Response(_numerals(), mimetype="font/ttf", headers={"Cache-Control": A_DAY})


@cache
def _numerals() -> bytes:
    """The characters that numbers and times are written with: a tenth of the whole font, on links that may be poor."""
    options = subset.Options(layout_features=["kern", "tnum"], hinting=False, name_IDs=[])
    font = subset.load_font(io.BytesIO(NUMERALS.read_bytes()), options)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=[*range(0x20, 0x7F), *map(ord, "·–—…’")])
    cut.subset(font)
    out = io.BytesIO()
    subset.save_font(font, out, options)
    return out.getvalue()
