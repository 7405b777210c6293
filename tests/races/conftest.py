"""The tests' own PostgreSQL, once for the folder."""

from tests.queue_server.conftest import cluster

__all__ = ["cluster"]
