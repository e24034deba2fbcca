"""Helpers independent of walls: caches, files, vectors, images, text, object storage."""
