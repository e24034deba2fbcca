"""Server settings: address, token and limits."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from cavewall.errors import InputError

__all__ = ["Limits", "Settings", "read_token"]

TOKEN_VARIABLE = "CAVEWALL_TOKEN"
_SHORTEST_TOKEN = 16
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Limits:
    """What one client may ask for, and all of them together.

    Attributes:
        body: the most bytes of a request's body.
        upload: the most bytes of a picture that is sent.
        at_work: how many requests are worked on at one time.
        waiting: how many more may wait for it; any further one is told to come again.
        seconds: how long a request may take, its waiting included.
        original: the most bytes of an original that is read.
    """

    body: int = 256 * 1024
    upload: int = 32 * 1024 * 1024
    at_work: int = field(default_factory=lambda: min(8, (os.cpu_count() or 1) + 1))
    waiting: int = 512
    seconds: float = 30.0
    original: int = 256 * 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """Where and to whom a wall is served.

    Attributes:
        host: the address that is listened on.
        port: its port; 0 takes a free one.
        token: what a client has to know, None where everyone on this machine may ask.
        keep_location: whether pictures are served with where they were taken.
        limits: see `Limits`.
        allowed_hosts: names beside its own that it answers to, as a proxy in front of it is called.

    Raises:
        InputError: another address than this machine's own without a token, a short token, or a
            name of a host that is none.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = field(default=None, repr=False)
    keep_location: bool = False
    limits: Limits = field(default_factory=Limits)
    allowed_hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.token is not None and len(self.token) < _SHORTEST_TOKEN:
            raise InputError(
                f"the token has {len(self.token)} characters and needs {_SHORTEST_TOKEN} or more: "
                "make one with `openssl rand -hex 32`"
            )
        for name in self.allowed_hosts:
            if not _HOST_NAME.fullmatch(name):
                raise InputError(
                    f"{name!r} is no name of a host: give it without https:// and without a port, "
                    "like photos.example.org"
                )
        if self.token is None and not self.is_loopback:
            raise InputError(
                f"{self.host} can be reached by other machines, and nobody would be asked for a "
                f"token: set ${TOKEN_VARIABLE} or give --token-file, or serve on 127.0.0.1"
            )

    @property
    def is_loopback(self) -> bool:
        """Whether this machine alone can reach the address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False


def read_token(file: Path | None) -> str | None:
    """The token in a file, else in the environment; None where there is neither.

    Raises:
        InputError: the file cannot be read, or the token is empty or no plain ASCII.
    """
    if file is None:
        token = os.environ.get(TOKEN_VARIABLE)
        where = f"${TOKEN_VARIABLE}"
    else:
        where = str(file)
        try:
            token = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            why = getattr(fault, "strerror", None) or "it is no text"
            raise InputError(f"the token in {file} cannot be read: {why}") from fault
    if token is None:
        return None
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise InputError(f"{where} holds no token: one word of ASCII letters, digits and signs")
    return token
