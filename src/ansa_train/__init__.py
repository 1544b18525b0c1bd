"""Trains networks, exports them as bundles and measures those: ``pip install ansa[train]``."""
