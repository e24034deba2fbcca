"""Helpers that know nothing of walls: caches, files, vectors, images, text, object storage."""
