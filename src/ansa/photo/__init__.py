"""Photo files: what kind they are, their pixels, and what is said of them."""
