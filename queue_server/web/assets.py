"""What pages need beside `static/`: the numerals' font, which comes from its package and not from the repository."""

from __future__ import annotations

from importlib import resources

from flask import Blueprint, Response

assets = Blueprint("assets", __name__)
NUMERALS = resources.files("fontpkg_barlow") / "files" / "Barlow-SemiBold.ttf"
A_DAY = "public, max-age=86400"


@assets.get("/web/barlow-600.ttf")
def numerals() -> Response:
    return Response(NUMERALS.read_bytes(), mimetype="font/ttf", headers={"Cache-Control": A_DAY})
