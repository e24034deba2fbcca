"""Whether the server in this container answers: the exit status says it, for HEALTHCHECK.

Where the token is in a file, whose name nobody here knows, a server that asks for it is alive.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

PORT = sys.argv[1] if len(sys.argv) > 1 else "8000"
TOKEN = os.environ.get("CAVEWALL_TOKEN", "").strip()


def answers() -> bool:
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/api/health")
    if TOKEN:
        request.add_header("Authorization", f"Bearer {TOKEN}")
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as fault:
        return fault.code == 401 and not TOKEN
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not answers())
