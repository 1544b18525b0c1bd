"""Where and when: moments, trips, events."""
