"""Finding a guide: one SQLite file, built by the server and searched by whoever has a copy.

Imports nothing else of ours, so that the kiosk's terminal, which searches its own copy without the server, may use it.
"""

from queue_server.guides.search.index import BrokenIndex, Entry, build
from queue_server.guides.search.searching import Answer, Hit, Index

__all__ = ["Answer", "BrokenIndex", "Entry", "Hit", "Index", "build"]
