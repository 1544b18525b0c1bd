"""``python -m ansa``."""

import sys

from ansa.cli import main

if __name__ == "__main__":
    sys.exit(main())
