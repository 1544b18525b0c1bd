"""ANSA: a scene analyzer for your own photos."""
