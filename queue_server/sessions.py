"""A browser's session: a signed cookie, given to whoever has shown a token once.

The cookie says whose token it was (by id, never the token), for which hall and window, since when, and when it was
last used. It is signed with a key that lies in the data directory, so it outlives a restart of the server and nothing
is kept for it. It ends when its token is gone, when it was not used for the hall's `session_idle`, and in any case
after `session_longest`. A page that is open asks every few seconds and so is not idle: a clerk who serves somebody for
half an hour without touching the console stays signed in; a closed browser or a sleeping machine does not.

A request that changes something must also carry the session's CSRF token in a header, which no page of another site
can know or send.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from queue_server.access import Access, Who
from queue_server.domain.errors import NotAllowed, NotKnown
from queue_server.hallbook import HallBook

COOKIE = "yichuang_session"
CSRF_HEADER = "X-CSRF-Token"
RENEW = timedelta(seconds=30)  # a cookie is made anew at most this often
NAME_BYTES = 12
NO_WINDOW = 0  # of the session of somebody who has none, such as a publisher: good at no window
FOR_SESSIONS, FOR_CSRF = "session", "csrf"  # one key, two uses: neither signature is good as the other


@dataclass(frozen=True, slots=True)
class Session:
    """`token` is the token's id, `name` random; `since` and `seen` are UTC in whole seconds."""

    name: str
    token: str
    hall: str
    window: int
    since: int
    seen: int


class Sessions:
    """Makes and reads session cookies. `rng(n)` is n random bytes as URL-safe text."""

    def __init__(
        self,
        key: bytes,
        access: Access,
        halls: Mapping[str, HallBook],
        clock: Callable[[], datetime],
        rng: Callable[[int], str],
    ) -> None:
        self._key = key
        self._access = access
        self._halls = halls
        self._clock = clock
        self._rng = rng
        self._signed = URLSafeSerializer(
            key, FOR_SESSIONS, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )

    def begin(self, who: Who, hall: str, window: int) -> Session:
        """A session for the holder of a token."""
        now = self._now()
        return Session(self._rng(NAME_BYTES), who.scope, hall, window, now, now)

    def cookie(self, session: Session) -> str:
        return self._signed.dumps(dataclasses.astuple(session))

    def read(self, cookie: str | None) -> Session:
        """The session of a cookie. Raises NotKnown when there is none, or it has ended."""
        if not cookie:
            raise NotKnown("sign in first")
        try:
            session = Session(*self._signed.loads(cookie))
        except (BadData, TypeError) as error:
            raise NotKnown("this session is not known here; sign in again") from error
        book = self._halls.get(session.hall)
        if book is None:
            raise NotKnown("this session's hall is not here; sign in again")
        limits, now = book.hall.staff, self._now()
        if now - session.seen > limits.session_idle * 60 or now - session.since > limits.session_longest * 3600:
            raise NotKnown("this session has ended; sign in again", ended=True)
        self.who(session)
        return session

    def who(self, session: Session) -> Who:
        """The session's person: what the token may, in the session's hall and at its window. Raises NotKnown."""
        holder = self._access.holder(session.token)
        if holder is None:
            raise NotKnown("this session's token is no longer good; sign in again")
        return dataclasses.replace(holder, hall=session.hall, window=session.window)

    def renewed(self, session: Session) -> Session | None:
        """The session as used now; None when that is not worth a new cookie yet."""
        now = self._now()
        return dataclasses.replace(session, seen=now) if now - session.seen >= RENEW.total_seconds() else None

    def csrf(self, session: Session) -> str:
        """What the session's pages send with every change."""
        return hmac.new(self._key, f"{FOR_CSRF}/{session.name}".encode(), hashlib.sha256).hexdigest()

    def check_csrf(self, session: Session, given: str | None) -> None:
        """Raises NotAllowed unless the request was made by one of the session's own pages."""
        if not hmac.compare_digest((given or "").encode("utf-8", "surrogateescape"), self.csrf(session).encode()):
            raise NotAllowed(f"a change made with a session needs its {CSRF_HEADER}; load the page again")

    def _now(self) -> int:
        return int(self._clock().timestamp())
