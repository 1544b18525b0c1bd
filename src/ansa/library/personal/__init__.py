"""The owner's taste: favourites and hidden photos, and the ranking learned from them."""
