"""Sources of photos, one format a file; the order in which they yield never varies."""
