"""What may stand behind the question mark."""

from __future__ import annotations

from pydantic import Field, field_validator

from queue_server.api.models import Asked
from queue_server.domain.model import State


class StatesIn(Asked):
    state: str | None = Field(None, max_length=200, description="states separated by commas; none: all")

    @field_validator("state")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        for name in (value or "").split(","):
            if name and name not in set(State):
                raise ValueError(f"{name!r} is not a state; known: {', '.join(State)}")
        return value

    def states(self) -> list[State]:
        return [State(name) for name in (self.state or "").split(",") if name]
