"""Mining: of a large unlabelled collection, the photos that would teach most, and why."""
