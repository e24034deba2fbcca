"""Looking after a wall: another model, duplicates, export, a check-up, versions, disk."""
