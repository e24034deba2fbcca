"""Answers, maps and coverage drawn as pictures."""
