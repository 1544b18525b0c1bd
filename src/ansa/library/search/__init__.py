"""From words to photos."""
