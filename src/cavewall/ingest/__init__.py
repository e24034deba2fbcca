"""From a source to rows on a wall: detect, diff, read, encode, write, in batches."""
