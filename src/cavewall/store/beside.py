"""Small tables beside a wall's own: what cannot be rebuilt, and is no picture."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

__all__ = ["KEEP", "address_beside", "opened"]

# How long their older versions stay, for whoever reads one just now.
KEEP = timedelta(days=1)


def address_beside(wall: str, name: str) -> str:
    """Where the table of that name stands, for the wall at an address."""
    return f"{wall.rstrip('/')}/{name}.lance"


def opened(address: str) -> Any | None:
    """The table there; None where there is none yet."""
    import lance

    try:
        return lance.dataset(address)
    except (ValueError, OSError) as fault:
        if "not found" in str(fault).lower():
            return None
        raise
