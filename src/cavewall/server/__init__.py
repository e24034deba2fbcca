"""A wall over HTTP: the API and the page. FastAPI is imported here and nowhere else."""

from cavewall.server.app import create_app
from cavewall.server.run import serve
from cavewall.server.settings import Limits, Settings

__all__ = ["Limits", "Settings", "create_app", "serve"]
