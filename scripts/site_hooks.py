"""What MkDocs does for the site besides: see mkdocs.yml.

Pages of the project's root and the page's icon become files of the site, and links to them lead
there; every decision record is in the navigation; no page may ask another server for anything.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
# Files outside of docs/ that are part of the site, and where.
BROUGHT = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "web/src/icon.svg": "images/icon.svg",
}
_DECISIONS = "decisions/index.md"
_LINK = re.compile(r"(\]\()([^)#\s]+)")
_NO_LIST = re.compile(r"<p>(?:(?!</p>).)*\n([-*] .{0,40})", re.DOTALL)
_ASKS = re.compile(
    r"<(?:script|img|iframe|source|video|audio)\b[^>]*\ssrc=[\"']?(?:https?:)?//[^\s\"'>]*"
    r"|<link\b(?=[^>]*rel=[\"']?(?:stylesheet|preconnect|icon|preload))[^>]*"
    r"\shref=[\"']?(?:https?:)?//[^\s\"'>]*"
)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Name every decision record, and the root's pages that are there, in the navigation."""
    _extend(config.nav or [])
    return config


def _extend(entries: list[Any]) -> None:
    for entry in entries:
        for title, inside in entry.items() if isinstance(entry, dict) else ():
            if not isinstance(inside, list):
                continue
            if _DECISIONS in inside:
                records = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
                inside.extend(f"decisions/{path.name}" for path in records)
            elif title == "Project" and (ROOT / "SECURITY.md").is_file():
                inside.append("security.md")
            _extend(inside)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Bring the files that are kept elsewhere."""
    for source, target in BROUGHT.items():
        if (ROOT / source).is_file():
            files.append(File.generated(config, target, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Links as they are right in the repository, made right on the site; home has no menus."""
    if page.is_homepage:
        page.meta["hide"] = ["navigation", "toc"]
    at = next((s for s, t in BROUGHT.items() if t == page.file.src_uri), None)
    here = posixpath.dirname(at or f"docs/{page.file.src_uri}")

    def moved(link: re.Match[str]) -> str:
        if ":" in link[2]:
            return link[0]
        named = posixpath.normpath(posixpath.join(here, link[2]))
        found = BROUGHT.get(named) or _below_docs(named)
        if found is None:
            # Left as it is, MkDocs warns of it.
            return link[0]
        return link[1] + posixpath.relpath(found, posixpath.dirname(page.file.src_uri) or ".")

    return _LINK.sub(moved, markdown)


def _below_docs(named: str) -> str | None:
    """Where a file or folder of docs/ is on the site."""
    if named == "README.md":
        return "index.md"
    if not named.startswith("docs/"):
        return None
    inside = named.removeprefix("docs/")
    return f"{inside}/index.md" if (ROOT / named / "index.md").is_file() else inside


def on_page_content(html: str, *, page: Page, **_: Any) -> str:
    """Raises PluginError where a list is none on the site, though GitHub takes it for one."""
    if found := _NO_LIST.search(html):
        raise PluginError(f"{page.file.src_uri}: put a blank line before the list at {found[1]}")
    return html


def on_post_page(output: str, *, page: Page, **_: Any) -> str:
    """Raises PluginError where a page would ask another server."""
    if found := _ASKS.search(output):
        raise PluginError(f"{page.file.src_uri} asks another server for something: {found[0]}")
    return output
