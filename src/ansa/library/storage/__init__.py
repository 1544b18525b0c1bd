"""Storage: the SQLite file of a library, its tables, and signals as bytes."""
