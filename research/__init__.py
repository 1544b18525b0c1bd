"""Studies that were run once to settle a question; not installed."""
