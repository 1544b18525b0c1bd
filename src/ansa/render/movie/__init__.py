"""Photos as a movie: crossfades, slow pans that follow what draws the eye, cut to the beat."""

from ansa.render.movie.errors import MovieError
from ansa.render.movie.render import Movie, Still, make_movie

__all__ = ["Movie", "MovieError", "Still", "make_movie"]
