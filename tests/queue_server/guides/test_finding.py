"""What is found over HTTP, and the index file terminals fetch."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

from queue_server.guides.finding import FILE, Finder, version_of
from queue_server.guides.search import Index
from tests.queue_server.helpers import Desk


def ask(city: Desk, q: str, **more: str) -> dict:
    answer = city.client.get("/api/v1/guides", query_string={"q": q, **more})
    assert answer.status_code == 200, answer.json
    return answer.json


def test_the_best_comes_first(city: Desk):
    assert ask(city, "sbcb")["guides"][0]["short_name"] == "社保参保登记"
    assert ask(city, "失业了怎么领钱")["guides"][0]["short_name"] == "失业金申领"
    assert ask(city, "unemployment")["guides"][0]["short_name"] == "失业金申领"


def test_a_question_is_answered_word_for_word(city: Desk):
    said = ask(city, "社保参保登记要多久")
    assert (said["field"], said["sure"]) == ("time", True)
    assert said["text"] == "3 个工作日办好（法定 5 个工作日）"
    assert ask(city, "社保参保登记要多久", lang="en")["text"] == (
        "Done within 3 working day(s) (the law allows 5 working day(s))"
    )


def test_what_is_not_there_is_not_made_up(city: Desk):
    said = ask(city, "月球基地施工许可")
    assert not said["sure"] and said["text"] is None
    assert len(said["guides"]) <= 3


def test_words_and_filters_hold_together(city: Desk):
    assert ask(city, "社保", department="police")["guides"] == []
    assert ask(city, "社保参保登记要多久", department="police")["text"] is None


def test_anything_may_be_asked(city: Desk):
    for q in ('"', "*", "NEAR(", "'; DROP TABLE guide;--", "😀", "\x00", " ", "好" * 500, "{title} : x"):
        assert len(ask(city, q)["guides"]) <= 50
    assert city.client.get("/api/v1/guides", query_string={"q": "好" * 501}).status_code == 422


def test_a_terminal_fetches_the_index_once(city: Desk, tmp_path: Path):
    first = city.client.get("/api/v1/guides/index")
    assert first.status_code == 200
    (tmp_path / "copy").write_bytes(first.data)
    index = Index(tmp_path / "copy")
    assert len(index) == 3 and index.search("社保参保").hits[0].title == "社会保险参保登记（用人单位）"
    index.close()
    again = city.client.get("/api/v1/guides/index", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_is_retired_is_found_no_more(city: Desk):
    (found,) = ask(city, "失业金申领", limit="1")["guides"]
    before = city.client.get("/api/v1/guides/index").headers["ETag"]
    today = city.clock().date().isoformat()
    retired = city.post(f"/guides/{found['code']}/retire", {"on": today, "reason": "merged"}, role="publisher")
    assert retired.status_code == 200, retired.json
    assert found["code"] not in [one["code"] for one in ask(city, "失业金申领")["guides"]]
    assert city.client.get("/api/v1/guides/index", headers={"If-None-Match": before}).status_code == 200


def test_a_broken_file_is_built_again(city: Desk, tmp_path: Path):
    (tmp_path / FILE).write_bytes(b"not an index")
    with city.store.read() as reading:
        now = city.guides.published(reading)
    assert len(Finder(tmp_path, city.clock).index(now)) == 3


def test_many_who_ask_at_once_get_one_index(city: Desk, tmp_path: Path):
    with city.store.read() as reading:
        now = city.guides.published(reading)
    finder, found = Finder(tmp_path, city.clock), []
    threads = [threading.Thread(target=lambda: found.append(finder.index(now))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(index) for index in found}) == 1
    assert found[0].version == version_of(now) == f"{now.revision}-{date(2026, 3, 2)}"
