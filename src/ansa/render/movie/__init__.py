"""Makes a film of photos, with crossfades and slow pans, cut to the beat of music."""

from ansa.render.movie.errors import MovieError
from ansa.render.movie.render import Movie, Still, make_movie

__all__ = ["Movie", "MovieError", "Still", "make_movie"]
