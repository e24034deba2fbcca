"""The wall as a whole: map, coverage, evaluation, plots."""
