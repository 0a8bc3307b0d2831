"""How good a model is: its numbers on data, beside others and beside PCA, and what they mean."""
