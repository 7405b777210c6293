"""What holds for every route: who may, keys, errors in one shape, the description."""

import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from queue_server.access import PERMISSIONS, Permission, Role, known_token
from tests.queue_server.helpers import HALL, ROOT, Clock, Desk

P = Permission
H = f"/api/v1/halls/{HALL}"
FIND = "/api/v1/halls/<hall>/tickets/find"  # a look
ROUTES = {  # (method, rule) -> what a token must allow; None: open to all; PUBLIC_*: open, but a token must allow
    ("GET", "/healthz"): None,
    ("GET", "/readyz"): None,
    ("GET", "/api/v1/healthz"): None,
    ("GET", "/api/v1/readyz"): None,
    ("GET", "/api/v1/halls"): P.READ_HALL,
    ("GET", "/api/v1/halls/<hall>"): P.READ_HALL,
    ("GET", "/api/v1/halls/<hall>/board"): P.BOARD,
    ("GET", "/api/v1/halls/<hall>/track-record"): P.READ_HALL,
    ("GET", "/api/v1/halls/<hall>/events"): P.EVENTS,
    ("POST", "/api/v1/halls/<hall>/tickets"): P.ISSUE,
    ("GET", "/api/v1/halls/<hall>/tickets"): P.LIST,
    ("POST", "/api/v1/halls/<hall>/help"): P.HELP,
    ("GET", "/api/v1/halls/<hall>/help"): P.ANSWER_HELP,
    ("POST", "/api/v1/halls/<hall>/help/<int:call>/answered"): P.ANSWER_HELP,
    ("POST", "/api/v1/devices/heartbeat"): P.HEARTBEAT,
    ("GET", "/api/v1/halls/<hall>/devices"): P.DEVICES,
    ("GET", "/api/v1/halls/<hall>/day-key"): P.DAY_KEY,
    ("GET", "/api/v1/tickets/<ticket>"): None,
    ("GET", "/api/v1/tickets/<ticket>/events"): None,
    ("GET", "/api/v1/tickets/<ticket>/why"): None,
    ("POST", "/api/v1/tickets/<ticket>/class"): P.CLASS,
    ("POST", "/api/v1/tickets/<ticket>/printed"): P.PRINTED,
    ("POST", "/api/v1/tickets/<ticket>/cancel"): "public, a token needs cancel",
    ("POST", "/api/v1/tickets/<ticket>/return"): "public, a token needs cancel",
    ("POST", "/api/v1/tickets/<ticket>/rating"): "public, a token needs rate",
    ("GET", "/api/v1/halls/<hall>/ratings"): P.RATINGS,
    ("POST", FIND): P.FIND,
    ("POST", "/api/v1/halls/<hall>/tickets/return"): P.FIND,
    ("GET", "/api/v1/halls/<hall>/windows/<int:no>"): P.WINDOW,
} | {
    ("POST", f"/api/v1/halls/<hall>/windows/<int:no>/{action}"): P.WINDOW
    for action in (
        "open",
        "pause",
        "close",
        "next",
        "call",
        "recall",
        "start",
        "finish",
        "miss",
        "release",
        "hold",
        "resume",
        "transfer",
        "undo",
    )
}
ROUTES |= {(method, "/api/v1/halls/<hall>/settings"): P.SETTINGS for method in ("GET", "PUT", "PATCH")}
ROUTES |= {
    ("GET", f"/api/v1/guides{path}"): None
    for path in (
        "",
        "/tables",
        "/catalogue",
        "/index",
        "/export",
        "/<code>",
        "/<code>/versions",
        "/<code>/versions/<int:number>",
    )
}
ROUTES |= {
    ("GET", f"/api/v1/guides/{path}"): P.GUIDES
    for path in ("due", "searches", "versions", "<code>/diff", "<code>/changes")
}
ROUTES |= {
    ("POST", f"/api/v1/guides/{path}"): P.GUIDES
    for path in ("import", "<code>/publish", "<code>/retire", "<code>/reviews")
}
ROUTES |= {("GET", "/api/v1/guides/handbook"): P.HANDBOOK}
ROUTES |= {("PUT", "/api/v1/guides/<code>/places/<area>"): P.GUIDES}
ROUTES |= {("POST", "/api/v1/halls/<hall>/day"): P.SETTINGS}
ROUTES |= {("PUT", "/api/v1/guides/<code>/draft"): P.GUIDES, ("POST", "/api/v1/guides/searches"): P.MISSED}
PUBLIC = {"public, a token needs cancel": P.CANCEL, "public, a token needs rate": P.RATE}
PAGES = {"/docs/", "/docs/<path:path>", "/openapi.json", "/static/<path:filename>", "/t/<ticket>"}
PAGES |= {"/console", "/console/enter", "/console/leave", "/web/barlow-600.ttf"}
PAGES |= {"/editor", "/editor/new", "/editor/enter", "/editor/guides/<code>", "/editor/guides/<code>/diff"}
PAGES |= {"/editor/<any(due, searches, files):name>", "/g", "/g/<code>", "/g/<code>/<int:number>"}
PAGES |= {"/t/<ticket>/manifest.webmanifest", "/t/worker.js", "/rules/<hall>"}
MAY = {  # DESIGN §4 in the words of permissions
    Role.KIOSK: {P.READ_HALL, P.BOARD, P.EVENTS, P.ISSUE, P.PRINTED, P.CANCEL, P.HELP, P.HEARTBEAT, P.DAY_KEY}
    | {P.MISSED, P.RATE, P.FIND},
    Role.DISPLAY: {P.READ_HALL, P.BOARD, P.EVENTS, P.HEARTBEAT},
    Role.WINDOW: {P.READ_HALL, P.BOARD, P.EVENTS, P.WINDOW, P.CANCEL, P.CLASS, P.LIST, P.HEARTBEAT}
    | {P.HANDBOOK}
    | {P.ANSWER_HELP},
    Role.GUIDE: {P.READ_HALL, P.BOARD, P.EVENTS, P.ISSUE, P.ISSUE_ANY_CLASS, P.PRINTED, P.LIST, P.HELP}
    | {P.CLASS, P.GREEN, P.DEVICES, P.DAY_KEY, P.HANDBOOK, P.ANSWER_HELP},
    Role.PUBLISHER: {P.READ_HALL, P.GUIDES, P.HANDBOOK},
    Role.MANAGER: set(Permission) - {P.DAY_KEY, P.RATE},
    Role.AUDITOR: {P.READ_HALL, P.BOARD, P.EVENTS, P.LIST, P.HANDBOOK},
    Role.ADMIN: set(Permission),
}


def ask(desk: Desk, method: str, rule: str, headers: dict[str, str]) -> int:
    path = rule.replace("<hall>", HALL).replace("<int:no>", "10").replace("<int:call>", "1").replace("<ticket>", "n0")
    path = path.replace("<code>", "C1").replace("<int:number>", "1").replace("<area>", "qingxi")
    answer = desk.client.open(path, method=method, json={} if method == "POST" else None, headers=headers)
    status = answer.status_code
    answer.close()
    return status


def test_the_table_of_routes_is_whole(desk: Desk):
    served = {
        (method, rule.rule)
        for rule in desk.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule not in PAGES
    }
    assert served == set(ROUTES)
    assert {role: set(may) for role, may in PERMISSIONS.items()} == MAY


@pytest.mark.parametrize("role", Role)
def test_every_route_with_every_role(desk: Desk, role: Role):
    for (method, rule), needed in ROUTES.items():
        status = ask(desk, method, rule, desk.headers(role.value, f"{role}{rule}"))
        permission = PUBLIC.get(needed, needed)
        allowed = permission is None or permission in MAY[role]
        assert (status == 403) != allowed, f"{role} {method} {rule}: {status}"
        assert status not in (401, 500)


@pytest.mark.parametrize("token", [None, "Bearer wrong", "Bearer ", "Basic eDp5", "nonsense", "Bearer \u00ff\u00fe"])
def test_every_route_without_a_valid_token(desk: Desk, token: str | None):
    for (method, rule), needed in ROUTES.items():
        headers = {"Authorization": token} if token else {}
        status = ask(desk, method, rule, headers | {"Idempotency-Key": "k"})
        closed = isinstance(needed, Permission) or token is not None
        assert (status == 401) == closed, f"{method} {rule}: {status}"


def test_a_token_for_another_hall_is_refused(desk: Desk):
    secret = "kiosk-of-the-next-town"
    token = known_token(secret, Role.KIOSK, "", hall="elsewhere")
    desk.store.run(HALL, lambda tx: tx.add_token(token, desk.clock()))
    ticket = desk.issue()
    access = desk.app.extensions["yichuang"].access
    access._known[token.hash] = type(access._known[next(iter(access._known))])(
        "kiosk/x", "x", PERMISSIONS[Role.KIOSK], "elsewhere"
    )
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
    for method, path, body in [
        ("GET", f"{H}/board", None),
        ("POST", f"{H}/tickets", {"item": "passport"}),
        ("POST", f"/api/v1/tickets/{ticket['id']}/cancel", {}),
        ("POST", f"/api/v1/tickets/{ticket['id']}/printed", {"ok": True}),
        ("POST", "/api/v1/devices/heartbeat", {"machine": "1", "hall": HALL}),
    ]:
        answer = desk.client.open(path, method=method, json=body, headers=headers)
        assert (answer.status_code, answer.json["error"]) == (403, "forbidden"), path


def test_demo_tokens_open_nothing_on_a_real_server(desk: Desk):
    from queue_server.access import Access
    from queue_server.domain.errors import NotKnown

    with desk.store.read() as reading:
        access = Access(reading.tokens(), demo=False)
    with pytest.raises(NotKnown):
        access.who(f"Bearer {desk.tokens['admin']}")


def test_tokens_are_not_in_the_database(desk: Desk):
    dump = str(desk.dump())
    assert not [secret for secret in desk.tokens.values() if secret in dump]


# keys


def test_a_change_without_a_key_is_refused(desk: Desk):
    for headers in [{}, {"Idempotency-Key": " "}, {"Idempotency-Key": "x" * 129}, {"Idempotency-Key": "\u00e4"}]:
        answer = desk.client.post(f"{H}/tickets", json={"item": "passport"}, headers=desk.headers("kiosk") | headers)
        assert (answer.status_code, answer.json["error"]) == (400, "bad_request")
        assert "Idempotency-Key" in answer.json["message"]
    assert desk.board()["seq"] == 1


def test_the_same_key_gets_the_same_answer_and_nothing_twice(desk: Desk):
    path = f"/halls/{HALL}/tickets"
    first = desk.post(path, {"item": "passport"}, "kiosk", "k1")
    desk.issue()
    again = desk.post(path, {"item": "passport"}, "kiosk", "k1")
    assert (again.status_code, again.data) == (201, first.data)
    assert desk.board()["seq"] == 3


def test_204_is_repeated_too(desk: Desk):
    path = f"/halls/{HALL}/windows/10/next"
    desk.window(10, "open")
    assert desk.post(path, {}, "window", "k").status_code == 204
    desk.issue()
    assert desk.post(path, {}, "window", "k").status_code == 204
    assert desk.post(path, {}, "window", "k2").status_code == 200


def test_the_same_key_for_another_request_is_refused(desk: Desk):
    path = f"/halls/{HALL}/tickets"
    desk.post(path, {"item": "passport"}, "kiosk", "k")
    other = desk.post(path, {"item": "invoice"}, "kiosk", "k")
    assert (other.status_code, other.json["error"]) == (422, "unprocessable")
    elsewhere = desk.post(f"/halls/{HALL}/help", {}, "kiosk", "k")
    assert elsewhere.status_code == 422
    assert desk.board()["seq"] == 2


def test_keys_belong_to_who_made_them(desk: Desk):
    path = f"/halls/{HALL}/tickets"
    assert desk.post(path, {"item": "passport"}, "kiosk", "k").json["number"] == "F001"
    assert desk.post(path, {"item": "passport"}, "guide", "k").json["number"] == "F002"
    first, second = desk.issue(), desk.issue()
    for ticket in (first, second):  # public: the scope is the ticket
        assert desk.post(f"/tickets/{ticket['id']}/cancel", role=None, key="k").json["id"] == ticket["id"]
    assert desk.post(f"/tickets/{first['id']}/cancel", role=None, key="k").status_code == 200


def test_a_refused_request_may_be_sent_again_with_its_key(desk: Desk):
    path = f"/halls/{HALL}/windows/10/next"
    desk.issue()
    assert desk.post(path, {}, "window", "k").status_code == 409
    desk.window(10, "open")
    assert desk.post(path, {}, "window", "k").status_code == 200


def test_keys_are_kept_48_hours(desk: Desk, clock: Clock):
    path = f"/halls/{HALL}/tickets"
    first = desk.post(path, {"item": "passport"}, "kiosk", "k").json
    clock.pass_(hours=47, minutes=59)
    assert desk.post(path, {"item": "passport"}, "kiosk", "k").json == first
    clock.pass_(minutes=2)
    assert desk.post(path, {"item": "passport"}, "kiosk", "k").json["id"] != first["id"]
    clock.pass_(days=3)  # Saturday
    clock.at += timedelta(hours=0)
    desk.issue()
    with desk.store.read() as reading:
        assert reading.connection.execute("SELECT count(*) FROM answers WHERE key = 'k'").fetchone() == (0,)


def test_sixteen_at_once_with_one_key_make_one_ticket(desk: Desk):
    barrier, answers = threading.Barrier(16), []

    def tap() -> None:
        client = desk.app.test_client()
        barrier.wait()
        answers.append(client.post(f"{H}/tickets", json={"item": "passport"}, headers=desk.headers("kiosk", "one")))

    threads = [threading.Thread(target=tap) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert desk.types() == ["hall.created", "ticket.issued"]


# errors


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("POST", f"{H}/tickets", b'{"item": "pass', 400, "bad_request"),
        ("POST", f"{H}/tickets", b"\xff\xfe", 400, "bad_request"),
        ("POST", f"{H}/tickets", b"[" * 30_000, 400, "bad_request"),
        ("POST", f"{H}/tickets", b'{"item": "\\ud800"}', 422, "unprocessable"),
        ("POST", f"{H}/tickets", b"null", 422, "unprocessable"),
        ("POST", f"{H}/tickets", b" " * 5_000_000, 413, "too_large"),
        ("POST", f"{H}/tickets", b" " * 65_537, 413, "too_large"),
        ("DELETE", f"{H}/tickets", b"", 405, "method_not_allowed"),
        ("GET", "/api/v1/nothing", b"", 404, "not_found"),
        ("GET", "/api/v1/halls/atlantis/board", b"", 404, "not_found"),
        ("POST", "/api/v1/halls/atlantis/tickets", b'{"item":"passport"}', 404, "not_found"),
        ("POST", "/api/v1/halls/atlantis/windows/1/next", b"", 404, "not_found"),
        ("POST", "/api/v1/halls/atlantis/help", b"", 404, "not_found"),
        ("GET", "/api/v1/halls/atlantis/events", b"", 404, "not_found"),
        ("GET", "/api/v1/tickets/nobody", b"", 404, "not_found"),
        ("GET", "/api/v1/tickets/nobody/events", b"", 404, "not_found"),
        ("GET", f"{H}/windows/ten", b"", 404, "not_found"),
    ],
)
def test_errors_have_one_shape(desk: Desk, method, path, body, status, error):
    answer = desk.client.open(path, method=method, data=body, headers=desk.headers("admin", "k"))
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert set(answer.json) == {"error", "message", "detail"}
    assert answer.json["message"]
    assert desk.board()["seq"] == 1


def test_a_fault_of_ours_is_500_in_words_and_the_address_stays_out_of_the_log(desk: Desk, monkeypatch, caplog):
    ticket = desk.issue()
    monkeypatch.setattr(desk.service, "placed", lambda *_: 1 / 0)
    answer = desk.get(f"/tickets/{ticket['id']}", None)
    assert (answer.status_code, answer.json["error"]) == (500, "internal")
    assert "Traceback" not in answer.get_data(as_text=True)
    assert "ZeroDivisionError" in caplog.text
    assert ticket["id"] not in caplog.text


def test_storage_full_is_503_and_the_request_can_be_repeated(desk: Desk):
    if desk.store.shared:
        pytest.skip("test_postgres takes its database away")

    def fill(tx) -> None:
        pages = tx.connection.execute("PRAGMA page_count").fetchone()[0]
        tx.connection.execute(f"PRAGMA max_page_count={pages}")

    desk.store.run(HALL, fill)
    answers = [desk.post(f"/halls/{HALL}/tickets", {"item": "passport"}, "kiosk", f"k{n}") for n in range(40)]
    refused = next(n for n, answer in enumerate(answers) if answer.status_code == 503)
    assert answers[refused].json["error"] == "storage_unavailable"
    assert "nothing was saved" in answers[refused].json["message"]
    assert {answer.status_code for answer in answers} <= {201, 503}
    desk.store.run(HALL, lambda tx: tx.connection.execute("PRAGMA max_page_count=1000000"))
    again = desk.post(f"/halls/{HALL}/tickets", {"item": "passport"}, "kiosk", f"k{refused}")
    assert again.status_code == 201
    numbers = [answer.json["number"] for answer in [*answers, again] if answer.status_code == 201]
    assert sorted(numbers) == [f"F{n:03d}" for n in range(1, len(numbers) + 1)]


# halls, help, machines


def test_what_a_hall_offers(desk: Desk):
    assert desk.get("/halls").json == {
        "halls": [{"id": HALL, "name": desk.get(f"/halls/{HALL}").json["name"], "open": True}]
    }
    hall = desk.get(f"/halls/{HALL}", "publisher").json
    assert {"id", "name", "lines", "windows", "classes", "hours"} <= set(hall)
    assert {"id", "letter", "name", "items", "waiting", "range"} <= set(hall["lines"][0])
    assert {"no", "zone", "kind", "state", "lines", "home_field"} <= set(hall["windows"][0])
    assert hall["lines"][0]["items"][0] == {
        "id": "employee-enrolment", "name": {"zh": "职工参保登记", "en": "Employee enrolment"},
    }  # fmt: skip
    assert hall["hours"]["business_day"] == "2026-03-02"
    rules = hall["rules"]
    assert (rules["recall_gap"], rules["calls_before_missed"], rules["elderly_age"]) == (30, 3, 60)
    assert {one["id"]: (one["credit"], one["kiosk"]) for one in hall["classes"]} == {
        "walk_in": (0, True), "appointment": (10, False), "elderly": (15, True), "disabled": (15, False),
        "pregnant": (15, False), "serviceman": (15, False), "green": (60, False),
    }  # fmt: skip
    assert hall["classes"][2]["name"] == {"zh": "老年人", "en": "Aged 60 or over"}


def test_health(desk: Desk):
    for path in ("/healthz", "/readyz", "/api/v1/healthz", "/api/v1/readyz"):
        assert desk.client.get(path).json == {"ok": True}


# the description


def test_the_description_is_valid_and_names_every_route(desk: Desk):
    spec = desk.client.get("/openapi.json").json
    assert spec["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(spec).validate()
    described = {(method.upper(), path) for path, item in spec["paths"].items() for method in item}
    rules = {(method, rule.replace("<int:", "<").replace("<", "{").replace(">", "}")) for method, rule in ROUTES}
    assert described == rules


def test_the_description_says_who_and_with_which_key(desk: Desk):
    spec = desk.client.get("/openapi.json").json
    for (method, rule), needed in ROUTES.items():
        path = rule.replace("<int:", "<").replace("<", "{").replace(">", "}")
        operation = spec["paths"][path][method.lower()]
        assert ("security" in operation) == (needed in set(P)), path
        keys = [one for one in operation.get("parameters", []) if one["name"] == "Idempotency-Key"]
        assert len(keys) == (method != "GET" and rule != FIND), path
        assert operation["summary"]


def test_answers_are_what_the_description_promises(desk: Desk):
    from jsonschema import Draft202012Validator

    spec = desk.client.get("/openapi.json").json

    def check(path: str, method: str, status: str, body: object) -> None:
        schema = spec["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": spec["components"]}).validate(body)

    desk.window(10, "open")
    ticket = desk.issue()
    check("/api/v1/halls/{hall}/tickets", "post", "201", ticket)
    check("/api/v1/halls/{hall}/windows/{no}/next", "post", "200", desk.window(10, "next").json)
    check("/api/v1/halls/{hall}/windows/{no}/start", "post", "200", desk.window(10, "start").json)
    check("/api/v1/halls/{hall}/board", "get", "200", desk.board())
    check("/api/v1/halls/{hall}", "get", "200", desk.get(f"/halls/{HALL}").json)
    check("/api/v1/halls", "get", "200", desk.get("/halls").json)
    check("/api/v1/halls/{hall}/windows/{no}", "get", "200", desk.get(f"/halls/{HALL}/windows/10").json)
    check("/api/v1/tickets/{ticket}", "get", "200", desk.get(f"/tickets/{ticket['id']}", None).json)
    check("/api/v1/halls/{hall}/day-key", "get", "200", desk.get(f"/halls/{HALL}/day-key").json)
    desk.post("/devices/heartbeat", {"machine": "1", "devices": [{"name": "printer", "state": "ok"}]})
    check("/api/v1/halls/{hall}/devices", "get", "200", desk.get(f"/halls/{HALL}/devices").json)
    check("/api/v1/halls/{hall}", "get", "default", desk.get("/halls/x").json)


def test_the_docs_need_nothing_from_elsewhere(desk: Desk):
    page = desk.client.get("/docs/").get_data(as_text=True)
    assert "/openapi.json" in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "swagger-ui-standalone-preset.js"):
        assert f"/docs/{asset}" in page
        answer = desk.client.get(f"/docs/{asset}")
        assert answer.status_code == 200
        answer.close()
    assert "https://" not in page


def test_no_page_or_template_reaches_outside():
    for path in [*Path(ROOT / "queue_server" / "web").rglob("*.html"), *(ROOT / "queue_server" / "web").rglob("*.css")]:
        assert "//" not in path.read_text("utf-8").replace("<!--", ""), path


def test_json_is_readable_chinese(desk: Desk):
    assert "社会保障" in desk.client.get(f"{H}/board", headers=desk.headers("display")).get_data(as_text=True)
    assert json.loads(desk.client.get(f"{H}/board", headers=desk.headers("display")).data)
