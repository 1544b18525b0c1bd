"""Model cards and data cards that write themselves, around what people wrote."""
