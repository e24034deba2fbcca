"""One request to ranked, paged and explained hits."""
