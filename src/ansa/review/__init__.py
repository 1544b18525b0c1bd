"""Review: proposals that several people answer, and what they agree on."""
