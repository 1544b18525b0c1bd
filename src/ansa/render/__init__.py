"""Pictures, pages and movies made of what a library knows."""
