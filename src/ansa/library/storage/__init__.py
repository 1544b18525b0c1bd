"""What is kept: the SQLite file, its tables, signals as bytes."""
