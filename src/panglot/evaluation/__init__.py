"""How good a transcript is, each figure with its evidence: word errors, language over time, intervals."""
