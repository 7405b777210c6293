"""Is the server alive, is it ready: for whatever watches it."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response

from queue_server.api.gate import answer, parts, public
from queue_server.api.models import HealthOut

health = APIBlueprint("health", __name__, tag="health")


@health.get("/healthz")
@health.get("/api/v1/healthz", endpoint="v1_healthz")
@public()
@health.output(HealthOut)
def healthz() -> Response:
    """The process answers"""
    return answer(HealthOut(ok=True))


@health.get("/readyz")
@health.get("/api/v1/readyz", endpoint="v1_readyz")
@public()
@health.output(HealthOut)
def readyz() -> Response:
    """The database answers too"""
    with parts().service.store.read() as reading:
        reading.hall_ids()
    return answer(HealthOut(ok=True))
