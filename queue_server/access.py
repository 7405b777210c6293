"""Who may what: roles, the permissions of each, and the tokens that prove a role.

A token is random text handed out once; the store keeps its SHA-256. Logs and events name it by its id.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from queue_server.domain.errors import NotAllowed, NotKnown
from queue_server.store.queries import Token
from queue_server.store.store import Store


class Role(StrEnum):
    KIOSK = "kiosk"
    DISPLAY = "display"
    WINDOW = "window"
    GUIDE = "guide"
    PUBLISHER = "publisher"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Permission(StrEnum):
    READ_HALL = "read the hall"
    BOARD = "read the board"
    EVENTS = "follow events"
    ISSUE = "issue tickets"
    ISSUE_ANY_CLASS = "issue tickets of every class"
    CLASS = "change a ticket's class"
    GREEN = "give green tickets"
    PRINTED = "report a print"
    CANCEL = "cancel tickets"
    RATE = "rate a visit"
    RATINGS = "see ratings"
    LIST = "list tickets"
    FIND = "find a ticket for its holder"
    WINDOW = "work a window"
    HELP = "ask for a person"
    ANSWER_HELP = "answer a call for help"
    HEARTBEAT = "report devices"
    DEVICES = "see how devices are"
    DAY_KEY = "have the key of the day"
    SETTINGS = "change the settings"
    GUIDES = "work on guides"
    HANDBOOK = "print handbooks"
    MISSED = "report a search that found nothing"


P = Permission
SEEING = {P.READ_HALL, P.BOARD, P.EVENTS}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.KIOSK: frozenset(
        SEEING | {P.ISSUE, P.PRINTED, P.CANCEL, P.RATE, P.FIND, P.HELP, P.HEARTBEAT, P.DAY_KEY, P.MISSED}
    ),
    Role.DISPLAY: frozenset(SEEING | {P.HEARTBEAT}),
    Role.WINDOW: frozenset(SEEING | {P.WINDOW, P.CANCEL, P.CLASS, P.LIST, P.HEARTBEAT, P.HANDBOOK, P.ANSWER_HELP}),
    Role.GUIDE: frozenset(
        SEEING
        | {P.ISSUE, P.ISSUE_ANY_CLASS, P.CLASS, P.GREEN, P.PRINTED, P.LIST, P.HELP, P.DEVICES, P.DAY_KEY, P.HANDBOOK}
        | {P.ANSWER_HELP}
    ),
    Role.PUBLISHER: frozenset({P.READ_HALL, P.GUIDES, P.HANDBOOK}),
    Role.MANAGER: frozenset(set(Permission) - {P.DAY_KEY, P.RATE}),  # managers read no cards and are not served
    Role.AUDITOR: frozenset(SEEING | {P.LIST, P.HANDBOOK}),
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Who:
    """Who is asking: `actor` is what the log says, `scope` keeps idempotency keys of different askers apart."""

    actor: str
    scope: str
    permissions: frozenset[Permission]
    hall: str | None = None  # None: every hall
    window: int | None = None  # None: every window

    def may(self, permission: Permission, hall: str | None = None, window: int | None = None) -> None:
        """Raises NotAllowed, in words."""
        if permission not in self.permissions:
            raise NotAllowed(f"{self.actor.split('/')[0]} may not {permission}", permission=permission.name.lower())
        if hall is not None and self.hall not in (None, hall):
            raise NotAllowed(f"this token is for hall {self.hall}", hall=self.hall)
        if window is not None and self.window not in (None, window):
            raise NotAllowed(f"this session is for window {self.window}", window=self.window)


CITIZEN = Who("citizen", "", frozenset({P.CANCEL, P.RATE}))


READ_AGAIN = 1.0  # seconds: how long tokens that others may change are good without looking


class Access:
    """The tokens of this server, looked up by hash.

    `read_again`: other processes add and remove tokens too, so they are read anew when those known are older than
    READ_AGAIN.
    """

    def __init__(
        self, tokens: Iterable[Token], *, demo: bool, read_again: Callable[[], Iterable[Token]] | None = None
    ) -> None:
        self._demo = demo
        self._read_again = read_again
        self._know(tokens)

    def _know(self, tokens: Iterable[Token]) -> None:
        self._read_at = time.monotonic()
        self._known = {
            token.hash: Who(f"{token.role}/{token.id}", token.id, PERMISSIONS[Role(token.role)], token.hall)
            for token in tokens
            if self._demo or not token.demo  # a demo's tokens lie in a file: they open nothing on a real server
        }
        self._holders = {who.scope: who for who in self._known.values()}

    def _refresh(self) -> None:
        if self._read_again is not None and time.monotonic() - self._read_at > READ_AGAIN:
            self._read_at = time.monotonic()  # one reads; whoever asks meanwhile need not
            self._know(self._read_again())

    def holder(self, token_id: str) -> Who | None:
        """The holder of the token with this id, if it is still good."""
        self._refresh()
        return self._holders.get(token_id)

    def who(self, authorization: str) -> Who:
        """The holder of `Bearer …`. Raises NotKnown."""
        scheme, _, secret = authorization.partition(" ")
        if not authorization:
            raise NotKnown("this needs a token: send the header Authorization: Bearer …")
        self._refresh()
        found = self._known.get(token_hash(secret.strip())) if scheme.lower() == "bearer" else None
        if found is None:
            raise NotKnown("this token is not known here; ask the hall's administrator for one")
        return found


def access_to(store: Store, *, demo: bool) -> Access:
    """The tokens of this store."""

    def read() -> list[Token]:
        with store.read() as reading:
            return reading.tokens()

    return Access(read(), demo=demo, read_again=read if store.shared else None)


def token_hash(secret: str) -> bytes:
    # looking up a hash tells nothing about the secret by how long it takes
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def new_token(role: Role, name: str, rng: Callable[[int], str], *, hall: str | None = None) -> tuple[str, Token]:
    """The secret to hand out, and what to store. `rng(n)` is n random bytes as URL-safe text."""
    secret = f"{role}-{rng(24)}"
    return secret, known_token(secret, role, name, hall=hall)


def known_token(secret: str, role: Role, name: str, *, hall: str | None = None, demo: bool = False) -> Token:
    """What to store of a secret; its id is the beginning of its hash."""
    digest = token_hash(secret)
    return Token(digest.hex()[:10], digest, role.value, name, hall, demo)
