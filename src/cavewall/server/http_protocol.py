"""What is no HTTP, answered like everything else."""

from __future__ import annotations

import uuid

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from cavewall.server.middleware import HEADERS
from cavewall.server.problems import Problem

__all__ = ["LONGEST_HEAD", "Protocol"]

# The longest expression and filter, percent-encoded, and what browsers add.
LONGEST_HEAD = 128 * 1024

# Seconds in which a client may send what it has begun, and read why it was refused: a connection
# that is closed over unread input is reset, and the answer is lost with it.
_LINGER = 2.0

_BROKEN = Problem(
    400, f"this is no HTTP/1.1 request, or its head is longer than {LONGEST_HEAD:,} bytes"
)


class Protocol(H11Protocol):
    """Uvicorn's HTTP/1.1, whose own refusal is a problem too."""

    _refused = False

    def data_received(self, data: bytes) -> None:
        """Take what comes, unless it was refused."""
        if not self._refused:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Tell that a request cannot be read, unless an answer is being given."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        request_id = uuid.uuid4().hex
        told = _BROKEN.to_response(request_id)
        headers = [*told.raw_headers, (b"connection", b"close")]
        headers += [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        headers.append((b"x-request-id", request_id.encode()))
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(told.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self._refused = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER, self.transport.close)
