"""Makes pictures, HTML pages and films from photos and their signals."""
