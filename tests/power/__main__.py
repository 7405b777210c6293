"""`python -m tests.power`: see `cuts`, which is apart so that its workers can import it."""

import sys

from tests.power.cuts import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
