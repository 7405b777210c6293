"""What can stop a request, named by what to do about it; each says in words what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
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


class Unprocessable(QueueError):
    """Readable, but makes no sense: the sender's mistake."""

    name = "unprocessable"
    status = 422


class KeyUsed(Unprocessable):
    """An Idempotency-Key came again with another request."""

    def __init__(self, key: str) -> None:
        super().__init__("this Idempotency-Key was used for another request; make a new one", key=key)


class StorageUnavailable(QueueError):
    """Nothing was saved: make room or wait, then send the same request with the same key."""

    name = "storage_unavailable"
    status = 503
