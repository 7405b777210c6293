"""Every error in one shape: {"error", "message", "detail"}, in words, without a traceback."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from apiflask import APIFlask, HTTPError
from flask import Response, json, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from queue_server.domain.errors import QueueError
from queue_server.domain.events import iso

logger = logging.getLogger(__name__)

LARGEST_DISCARD = 16 * 1024 * 1024  # of a refused body; closing on a sender in mid-sentence would lose the answer
CHUNK = 64 * 1024
WORDS: dict[int, tuple[str, str]] = {
    400: ("bad_request", "the request cannot be read; the body must be one JSON object"),
    404: ("not_found", "there is nothing at this address; the API is described at /docs"),
    405: ("method_not_allowed", "this address does not take that method; see /docs"),
    413: ("too_large", "the body is too large: at most 64 KB"),
    415: ("unsupported_media_type", "send JSON"),
    500: ("internal", "something went wrong in the server; nothing was changed; it is in the server's log"),
}


def error_response(status: int, name: str, message: str, detail: Any = None) -> Response:
    body = json.dumps({"error": name, "message": message, "detail": detail or {}}, default=_plain)
    return Response(body, status, mimetype="application/json")


def _plain(value: object) -> str:
    return iso(value) if isinstance(value, datetime) else str(value)


def register(app: APIFlask) -> None:
    """Every way a request can fail ends in one of these."""

    @app.errorhandler(QueueError)
    def queue_error(error: QueueError) -> Response:
        response = error_response(error.status, error.name, error.message, error.detail)
        if error.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.error_processor  # what APIFlask itself raises: a body or query that does not fit its model
    def validation_error(error: HTTPError) -> Any:
        if error.status_code != 422:
            name, words = WORDS.get(error.status_code, ("error", str(error.message)))
            return error_response(error.status_code, name, words, error.detail)
        fields = [one for where in error.detail.values() for one in where.items()]  # {where: {field: [why]}}
        faults = [f"{field}: {why}" for field, whys in fields for why in whys]
        message = "this does not fit: " + "; ".join(faults).replace("_schema: ", "")
        return error_response(422, "unprocessable", message, error.detail)

    @app.errorhandler(RecursionError)
    def nested(error: RecursionError) -> Response:
        return error_response(400, "bad_request", "the body is nested too deeply")

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        name, words = WORDS.get(status, (error.name.lower().replace(" ", "_"), error.description or error.name))
        response = error_response(status, name, words)
        for header, value in error.get_headers():
            if header != "Content-Type":
                response.headers[header] = value
        if isinstance(error, RequestEntityTooLarge):
            _discard_body()
            response.headers["Connection"] = "close"
        return response


def _discard_body() -> None:
    stream, left = request.environ["wsgi.input"], LARGEST_DISCARD
    while left > 0:
        read = stream.read(min(CHUNK, left))
        if not read:
            return
        left -= len(read)
