"""`python -m hlmteach ...` is `hlmteach ...`."""

import sys

from hlmteach.cli import main

if __name__ == "__main__":
    sys.exit(main())
