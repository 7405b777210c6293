"""The queue server at another time: `python -m tests.queue_server.another_time serve …`.

Its clock runs as far ahead as the file named by YICHUANG_AHEAD says, in seconds; who writes the file moves the time. It
looks more often whether a day is over, so that a night need not be waited for.
"""

# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from queue_server import __main__ as program
from queue_server import serve

AHEAD = "YICHUANG_AHEAD"


def now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=float(Path(os.environ[AHEAD]).read_text()))


if __name__ == "__main__":
    serve.now = now
    serve.DAYS_EVERY = 0.2
    sys.exit(program.main(sys.argv[1:]))
