"""A library for other programs: assistants, and the search of the desktop. They can only read."""
