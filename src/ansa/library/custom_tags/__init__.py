"""Custom tags, which people teach a library by examples."""
