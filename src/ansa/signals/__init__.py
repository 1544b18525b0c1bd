"""One file per head: the network's raw output, checked and turned into a signal."""


class SignalError(ValueError):
    """A network's output that is no signal: the wrong shape, or numbers that mean nothing."""
