"""What every test relies on."""

import os
import signal
import sys

# A shell that starts the tests in the background has them ignore Ctrl-C, and every process that
# a test starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Or else every process that a test starts would compile all of ansa anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A process of tests for each core, as `make test` starts: threads of their own would only wait for
# each other. Read when numpy and torch are first imported.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
