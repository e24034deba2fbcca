"""Conditions in the SQL that Lance's filters take."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["sql_column", "sql_eq", "sql_in", "sql_text"]


def sql_in(image_ids: Sequence[str]) -> str:
    """The condition that a row has one of those ids."""
    return "image_id IN (" + ", ".join(map(sql_text, image_ids)) + ")"


def sql_eq(column: str, text: str) -> str:
    """The condition that a column holds exactly that text."""
    return f"{column} = {sql_text(text)}"


def sql_text(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


def sql_column(name: str) -> str:
    """A column by its name, which may hold blanks and capitals."""
    return "`" + name.replace("`", "``") + "`"
