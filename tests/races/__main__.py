"""`python -m tests.races`: see `run`."""

import sys

from tests.races.run import main

sys.exit(main())
