"""All operations of the API, in the order of its description."""

from ansa.app.operations import Operation
from ansa.app.routes import (
    corrections,
    custom_tags,
    library,
    memories,
    photo,
    photos,
    places,
    review,
    search,
    settings,
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
    *custom_tags.OPERATIONS,
    *settings.OPERATIONS,
    *review.OPERATIONS,
)
"""All operations of the API."""
