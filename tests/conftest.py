"""What every test relies on."""

import os
import signal
import sys

from hypothesis import settings

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

# Tests are not benchmarks: an example that is slow on a busy machine is not wrong. Those whose
# promise is a bound on the time set a deadline of their own.
settings.register_profile("ansa", deadline=None)
settings.load_profile("ansa")
