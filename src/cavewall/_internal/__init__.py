"""Helpers that know nothing of walls: caches, files, threads, vectors, images, text, object storage."""
