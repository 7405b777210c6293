"""A department's handbook as a PDF, for its staff."""

from __future__ import annotations

from typing import Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from queue_server.access import Permission
from queue_server.api.gate import needs, parts
from queue_server.api.guide_models import Code
from queue_server.api.models import Asked
from queue_server.guides.handbook import made_apart

handbook = APIBlueprint("handbook", __name__, tag="handbook", url_prefix="/api/v1")


class HandbookIn(Asked):
    department: Code = Field(description="table departments")
    lang: Literal["zh", "en"] = "zh"


@handbook.get("/guides/handbook")
@needs(Permission.HANDBOOK)
@handbook.input(HandbookIn, location="query")
def get_handbook(query_data: HandbookIn) -> Response:
    """What a department's guides say today, as a PDF (A4) to print"""
    asked = query_data
    with parts().service.store.read() as reading:
        now = parts().guides.published(reading)
    pdf = made_apart(now, asked.department, asked.lang)
    name = f"handbook-{asked.department}-{now.day}.pdf"
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": f"attachment; filename={name}"})
