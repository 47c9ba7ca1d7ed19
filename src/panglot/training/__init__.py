"""Training: the mixed-precision recipe, and a trainer that makes the served model better."""
