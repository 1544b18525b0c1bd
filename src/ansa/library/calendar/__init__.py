"""One calendar for searches, events, titles and memories."""
