"""The web application: blueprints, errors, the API's description, headers. Made from parts; owns none of them."""

from __future__ import annotations

import logging
from typing import Any

from apiflask import APIFlask
from flask import Request, Response
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.exceptions import RequestEntityTooLarge

from queue_server.api import errors
from queue_server.api.admin import admin
from queue_server.api.gate import PARTS, Parts
from queue_server.api.guides import guides
from queue_server.api.halls import halls
from queue_server.api.handbook import handbook
from queue_server.api.health import health
from queue_server.api.models import ErrorOut
from queue_server.api.streams import streams
from queue_server.api.tickets import tickets
from queue_server.api.visits import visits
from queue_server.api.windows import windows
from queue_server.sessions import COOKIE, CSRF_HEADER
from queue_server.web.assets import assets
from queue_server.web.console import console
from queue_server.web.editor import editor
from queue_server.web.guide_pages import guide_pages
from queue_server.web.pages import pages

logger = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
LOOKS = "/tickets/find"  # a post that changes nothing
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    "description": "of your own making, one a request; sent again, the first answer is repeated (48 hours)",
}
LAST_EVENT_PARAMETER = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
    "description": "the last event seen: what came after it is sent first",
}


class JsonRequest(Request):
    """A request whose body, if any, is JSON whatever its type says; no body is an empty object."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        body = self.get_data()
        if self.content_length is None and len(body) >= (self.max_content_length or LARGEST_BODY):
            raise RequestEntityTooLarge  # sent in chunks, and Werkzeug has quietly cut it off there
        if not body:
            return {}
        return super().get_json(force=True, silent=silent, cache=cache)


class App(APIFlask):
    request_class = JsonRequest

    def log_exception(self, exc_info: Any) -> None:
        # Flask would write the address, and a ticket's address is its secret
        logger.error("a request failed", exc_info=exc_info)


def create_app(parts: Parts) -> APIFlask:
    """The application over these parts."""
    app = App(
        "queue_server",
        title="Yichuang 一窗",
        version="1",
        docs_path=None,
        spec_path="/openapi.json",
        json_errors=False,
        static_folder="web/static",
        template_folder="web/templates",
    )
    app.extensions[PARTS] = parts
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        OPENAPI_VERSION="3.1.0",
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        AUTO_OPERATION_ID=True,
    )
    app.security_schemes = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "of a browser that signed in at /console/enter or /editor/enter; "
            f"changes also need the header {CSRF_HEADER}",
        },
    }
    errors.register(app)
    for blueprint in (halls, tickets, visits, windows, streams, guides, handbook, admin, health):
        app.register_blueprint(blueprint)
    for part in (pages, guide_pages, console, editor, assets):
        app.register_blueprint(part)
    app.register_blueprint(get_swaggerui_blueprint("/docs", "/openapi.json", {"app_name": "Yichuang API"}))
    app.spec_processor(_complete)
    app.after_request(_headers)
    return app


def _headers(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _complete(spec: Any) -> Any:
    """Adds to the description what holds for every route: the error's shape and the two headers."""
    spec["components"].setdefault("schemas", {})["ErrorOut"] = ErrorOut.model_json_schema()
    error = {
        "description": "in words",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorOut"}}},
    }
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            operation["responses"]["default"] = error
            if method in ("post", "put", "patch") and not path.endswith(LOOKS):
                operation.setdefault("parameters", []).append(KEY_PARAMETER)
            if path.endswith("/events"):
                operation.setdefault("parameters", []).append(LAST_EVENT_PARAMETER)
    return spec
