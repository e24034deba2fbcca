"""The figures: one module for each family of subjects."""
