"""Images of answers, maps and coverage grids."""
