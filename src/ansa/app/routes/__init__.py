"""The operations of the API, one file for each area; :data:`OPERATIONS` holds all of them."""

from ansa.app.operations import Operation
from ansa.app.routes import (
    corrections,
    library,
    memories,
    photo,
    photos,
    places,
    review,
    search,
    settings,
    teach,
    tidy,
)

OPERATIONS: tuple[Operation, ...] = (
    *library.OPERATIONS,
    *photos.OPERATIONS,
    *photo.OPERATIONS,
    *search.OPERATIONS,
    *corrections.OPERATIONS,
    *memories.OPERATIONS,
    *places.OPERATIONS,
    *tidy.OPERATIONS,
    *teach.OPERATIONS,
    *settings.OPERATIONS,
    *review.OPERATIONS,
)
"""All operations of the API, in the order of its description."""
