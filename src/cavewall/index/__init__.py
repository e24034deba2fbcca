"""Arrays that are built from one version of a wall and can be rebuilt at any time."""
