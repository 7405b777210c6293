"""A small real queue server for kiosk tests: the API's shapes over HTTP, with switches for each trouble."""

import base64
import contextlib
import itertools
import json
import queue
import secrets
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from config import load_hall

DEMO = Path(__file__).parents[2] / "config" / "demo" / "hall.toml"
CARED_FOR = {"elderly": 45, "disabled": 45, "pregnant": 25, "serviceman": 25}
STANDING = ("number", "line", "state", "ahead", "range", "window", "zone", "calls", "prints", "return_until")
WALK_INS_PROMISE = {"walk_in": 10, "appointment": 20, **CARED_FOR, "green": 70}  # the demo hall's, in minutes


class HallServer:
    """Serves the demo hall. Its switches are the fields set in `__init__`; times are seconds."""

    def __init__(self):
        self.settings = load_hall(DEMO)
        self.tickets, self.by_key, self.calls = [], {}, []
        self.posts = []  # (path, body, key) of every POST that came
        self.refuse, self.delay, self.reading, self.mute, self.range = "", 0.0, 0.0, False, None
        self.no_window = False
        self.refusal_detail = {}
        self.lost_answers = 0  # so many issue requests are done and their answers lost
        self.closed, self.waiting = set(), {}
        self.record = {}  # line -> (given, inside) of the track record
        self.popular, self.ratings = [], {}  # item ids; ticket id -> level
        self.one_each = True  # one live ticket a line for each card_token
        self.holders = {}  # (card_token, line) -> ticket
        self.day_keys = []  # keys given out, newest last
        self.key_refused, self.key_lasts = False, timedelta(hours=8)
        self.files = {}  # "catalogue", "index" -> (content, etag) of the guides
        self.answers = {}  # path without its question -> what a GET of it answers
        self.files_given, self.cut_files = [], False  # status of every answer; files end before their length is reached
        self.last_ids = []  # Last-Event-ID of every stream asked for
        self.listeners, self.connections, self.seq, self.port, self.http = [], [], 0, 0, None
        self.lock = threading.Lock()
        self.ahead = timedelta()  # of the machine's clock
        self.start()

    # -- life --------------------------------------------------------------------------------------------------------

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        server = self

        class Handler(_Handler):
            hall = server

        self.http = _Server(("127.0.0.1", self.port), Handler)
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        """As if the machine went: connections end, nothing answers."""
        self.http.shutdown()
        self.http.server_close()
        for listener in self.listeners:
            listener.put(None)
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.listeners, self.connections = [], []

    def now(self):
        return datetime.now(UTC) + self.ahead

    # -- what it says ------------------------------------------------------------------------------------------------

    def hall_json(self):
        hall = self.settings
        items = {line.id: [] for line in hall.lines}
        for item in hall.items:
            items[item.line].append({"id": item.id, "name": item.name.model_dump()})
        lines = [
            {
                **line.model_dump(include={"id", "letter", "zone", "icon", "colour", "open"}),
                "name": line.name.model_dump(),
                "hint": line.hint.model_dump(),
                "items": items[line.id],
            }
            for line in hall.lines
        ]
        classes = [{"id": name, "credit": rule.credit, "kiosk": rule.kiosk} for name, rule in hall.classes.items()]
        return {
            "id": hall.id,
            "name": hall.name.model_dump(),
            "phone": hall.phone,
            "time_zone": hall.time_zone,
            "second_language": hall.second_language,
            "notices": [notice.model_dump() for notice in hall.notices],
            "lines": lines,
            "windows": [window.model_dump(mode="json") for window in hall.windows],
            "classes": classes,
            "rules": hall.rules.model_dump(),
            "promise": {"walk_in": WALK_INS_PROMISE},
            "popular": self.popular,
        }

    def board_json(self):
        lines = [
            {
                "id": line.id,
                "waiting": self.count(line.id),
                "range": self.range,
                "no_window": self.no_window,
                "open": line.id not in self.closed,
            }
            for line in self.settings.lines
        ]
        at = self.now().isoformat()
        return {"seq": self.seq, "epoch": "e", "at": at, "calls": self.calls, "lines": lines, "windows": []}

    def count(self, line):
        return self.waiting.get(line, 0) + sum(ticket["line"] == line for ticket in self.tickets)

    def issue(self, body, key):
        with self.lock:
            if key in self.by_key:
                return self.by_key[key]
            item = next(one for one in self.settings.items if one.id == body["item"])
            line = next(one for one in self.settings.lines if one.id == item.line)
            ahead = self.count(line.id)
            ticket_id = f"t{len(self.tickets):021}"
            ticket = {
                "id": ticket_id,
                "number": f"{line.letter}{len(self.tickets) + 1:03}",
                "hall": self.settings.id,
                "line": line.id,
                "item": item.id,
                "state": "waiting",
                "issued_at": self.now().isoformat(),
                "ahead": ahead,
                "range": self.range,
                "no_window": self.no_window,
                "zone": line.zone,
                "url": f"{self.url}/t/{ticket_id}",
                "printed": False,
                "window": None,
                "calls": 0,
                "prints": 0,
                "return_until": None,
            }
            self.tickets.append(ticket)
            self.by_key[key] = ticket
            if body.get("card_token"):
                self.holders[body["card_token"], line.id] = ticket
        self.tell("ticket.issued", ticket)
        return ticket

    def held(self, body):
        """The live ticket of this card in this line."""
        line = next(one.line for one in self.settings.items if one.id == body["item"])
        return self.holders.get((body.get("card_token"), line)) if self.one_each else None

    def find(self, body):
        """(status, answer) to a question for a ticket."""
        if "number" in body:
            known = [ticket for ticket in self.tickets if ticket["number"] == body["number"]]
            standing = {name: known[0][name] for name in STANDING} if known else None
            return (200, {"standing": standing, "tickets": []}) if known else unfound("none")
        if "card_token" in body:
            mine = [ticket for (token, _), ticket in self.holders.items() if token == body["card_token"]]
            return 200, {"standing": None, "tickets": mine}
        known = [ticket for ticket in self.tickets if ticket["id"] == body["id"]]
        return (200, {"standing": None, "tickets": known}) if known else unfound("yesterday")

    def change(self, ticket, what, body):
        """(status, answer) to return, cancel or rating."""
        if what == "rating":
            if ticket["id"] in self.ratings:
                return 409, {"error": "conflict", "message": "rated", "detail": {"why": "rated"}}
            self.ratings[ticket["id"]] = body["level"]
            return 201, {"level": body["level"]}
        ticket.update(state={"return": "waiting", "cancel": "cancelled"}[what], return_until=None)
        return 200, ticket

    def day_key(self):
        if not self.day_keys or self.key_lasts <= timedelta(0):
            self.day_keys.append(secrets.token_bytes(32))
        text = base64.urlsafe_b64encode(self.day_keys[-1]).decode()
        return {"day": "2026-11-25", "key": text, "closes_at": (self.now() + self.key_lasts).isoformat()}

    def tell(self, kind, ticket=None):
        self.seq += 1
        at = self.now().isoformat()
        data = {"seq": self.seq, "at": at, "type": kind, "ticket": ticket, "window": None, "reason": None}
        for listener in list(self.listeners):
            listener.put(f"id: {self.seq}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode())


def unfound(why):
    return 404, {"error": "not_found", "message": "no such ticket", "detail": {"why": why}}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    hall = None
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.hall.connections.append(self.connection)

    def do_GET(self):
        time.sleep(self.hall.reading)
        path = self.path.removeprefix("/api/v1")
        own = f"/halls/{self.hall.settings.id}"
        if path == own:
            self.answer(200, self.hall.hall_json())
        elif path == f"{own}/board":
            self.answer(200, self.hall.board_json())
        elif path == f"{own}/track-record":
            lines = [
                {"id": line, "given": given, "inside": inside} for line, (given, inside) in self.hall.record.items()
            ]
            self.answer(200, {"days": 7, "lines": lines})
        elif path == f"{own}/day-key" and not self.hall.key_refused:
            self.answer(200, self.hall.day_key())
        elif path == f"{own}/events":
            self.events()
        elif path.partition("?")[0] in self.hall.answers:
            self.answer(200, self.hall.answers[path.partition("?")[0]])
        elif path.removeprefix("/guides/") in self.hall.files:
            self.file(*self.hall.files[path.removeprefix("/guides/")])
        else:
            self.answer(404, {"error": "not_found", "message": "没有这个地址", "detail": {}})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        path, key = self.path.removeprefix("/api/v1"), self.headers["Idempotency-Key"]
        self.hall.posts.append((path, body, key))
        time.sleep(self.hall.delay)
        if path.endswith("/tickets/find"):
            self.answer(*self.hall.find(body))
        elif not key:
            self.answer(400, {"error": "bad_request", "message": "Idempotency-Key", "detail": {}})
        elif path.endswith("/tickets"):
            self.issue(body, key)
        elif path.endswith("/tickets/return"):
            ticket = next(one for one in self.hall.tickets if one["number"] == body["number"])
            self.answer(*self.hall.change(ticket, "return", body))
        elif path.startswith("/tickets/") and path.endswith(("/return", "/cancel", "/rating")):
            _, _, ticket_id, what = path.split("/")
            ticket = next(one for one in self.hall.tickets if one["id"] == ticket_id)
            self.answer(*self.hall.change(ticket, what, body))
        else:
            self.answer(200, {})

    def issue(self, body, key):
        if self.hall.refuse:
            self.answer(409, {"error": "conflict", "message": self.hall.refuse, "detail": self.hall.refusal_detail})
            return
        held = self.hall.held(body) if key not in self.hall.by_key else None
        if held:
            self.answer(409, {"error": "conflict", "message": "holds one", "detail": {"ticket": held}})
            return
        ticket = self.hall.issue(body, key)
        if self.hall.lost_answers:
            self.hall.lost_answers -= 1
            self.close_connection = True
            return
        self.answer(201, ticket)

    def events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.close_connection = True
        mine = queue.Queue()
        self.hall.last_ids.append(self.headers["Last-Event-ID"])
        self.hall.listeners.append(mine)
        for _ in itertools.count():
            try:
                piece = mine.get(timeout=0.2)
            except queue.Empty:
                piece = b": heartbeat\n\n"
            if piece is None:
                return
            if not self.hall.mute:
                self.wfile.write(piece)
                self.wfile.flush()

    def file(self, content, etag):
        same = self.headers["If-None-Match"] == etag
        self.hall.files_given.append(304 if same else 200)
        self.send_response(304 if same else 200)
        self.send_header("ETag", etag)
        if not same:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if not same:
            self.wfile.write(content[: len(content) // 2] if self.hall.cut_files else content)
        self.close_connection = self.hall.cut_files

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Tests read posts instead."""
