"""The operations of the API, one file for each area; :data:`OPERATIONS` holds all of them."""

from ansa.app.operations import Operation
from ansa.app.routes import library, photo, photos, search

OPERATIONS: tuple[Operation, ...] = (
    *library.OPERATIONS,
    *photos.OPERATIONS,
    *photo.OPERATIONS,
    *search.OPERATIONS,
)
"""All operations of the API, in the order of its description."""
