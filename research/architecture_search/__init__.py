"""Which variant of the image network: a small search of quality against measured latency."""
