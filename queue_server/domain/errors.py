"""What can stop a request, named by what to do about it; each says in words what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


class QueueError(Exception):
    """Base: `name` and `status` are what the API answers, `message` is for a person, `detail` for a program."""

    name = "error"
    status = 500

    def __init__(self, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.message = message
        self.detail: Mapping[str, Any] = detail


class BadRequest(QueueError):
    """The request cannot be read: mend it and send it again."""

    name = "bad_request"
    status = 400


class NotKnown(QueueError):
    """No valid token: sign in."""

    name = "unauthorized"
    status = 401


class NotAllowed(QueueError):
    """Known, but this is for another role or hall."""

    name = "forbidden"
    status = 403


class NotFound(QueueError):
    """No such hall, line, item, window or ticket: check the name."""

    name = "not_found"
    status = 404


class Conflict(QueueError):
    """Understood, but not in this state: look again, then decide."""

    name = "conflict"
    status = 409


class NoNumbers(Conflict):
    """No number is given, and a kiosk can say why and what else can be done.

    `reason`: line_closed, line_full, hall_closed or last_ticket (the time for it has passed). `next_open`: when numbers
    are given again, None if nobody knows. `other_lines`: {line, item} of those that do the same now.
    """

    def __init__(self, message: str, reason: str, next_open: datetime | None = None, **detail: Any) -> None:
        super().__init__(message, **{"other_lines": [], **detail, "reason": reason, "next_open": next_open})


class Unprocessable(QueueError):
    """Readable, but makes no sense: the sender's mistake."""

    name = "unprocessable"
    status = 422


class KeyUsed(Unprocessable):
    """An Idempotency-Key came again with another request."""

    def __init__(self, key: str) -> None:
        super().__init__("this Idempotency-Key was used for another request; make a new one", key=key)


class TooMany(QueueError):
    """Tried too often: wait a little."""

    name = "too_many"
    status = 429


class StorageUnavailable(QueueError):
    """Nothing was saved: make room or wait, then send the same request with the same key."""

    name = "storage_unavailable"
    status = 503
