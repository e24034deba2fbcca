"""From vectors to places on a map, and to groups that have a name."""
