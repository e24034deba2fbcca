"""The maintenance commands: duplicates, delete, export, doctor, optimize, index, versions, tag and
restore.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

import cavewall
from cavewall._internal.terminal_text import escape_control, os_error_text, pluralize, truncate
from cavewall.cli.options import (
    AddressOption,
    EncoderOption,
    EngineOption,
    JsonOption,
    QuietOption,
    WallOption,
)
from cavewall.cli.output.console import print_json, print_line
from cavewall.cli.progress import shares
from cavewall.errors import InputError

if TYPE_CHECKING:
    from cavewall.maintenance.build_index import IndexReport
    from cavewall.maintenance.doctor import HealthReport
    from cavewall.maintenance.duplicates import Duplicates

__all__ = ["COMMANDS"]

_SHOWN_GROUPS, _SHOWN_IDS = 20, 6


def duplicates(
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold",
            metavar="COSINE",
            help="Vectors of that cosine or more are near. Default: 0.97.",
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", metavar="FILE.png", help="Write the groups as a picture."),
    ] = None,
    wall: WallOption = "./wall",
    as_json: JsonOption = False,
) -> None:
    """Find pictures that are there twice or more.

    Groups have the same bytes, the same look (perceptual hash), or nearly the same vector.
    """
    opened = cavewall.open(wall)
    with shares(as_json) as progress:
        found = opened.maintenance.duplicates(threshold, progress)
    if sheet is not None:
        try:
            opened.maintenance.duplicates_sheet(found).save(sheet)
        except (OSError, ValueError) as fault:
            reason = os_error_text(fault)
            raise InputError(f"the sheet {sheet} cannot be written: {reason}") from fault
    if as_json:
        print_json(found.to_dict())
        return
    _show_duplicates(found)
    if sheet is not None:
        print_line(f"the groups as a picture: {sheet}")


def _show_duplicates(found: Duplicates) -> None:
    if not found.groups:
        print_line(f"no duplicates among {pluralize(found.pictures, 'picture')}")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("same")
    table.add_column("", justify="right", style="dim")
    table.add_column("pictures", overflow="fold")
    for group in found.groups[:_SHOWN_GROUPS]:
        names = [truncate(image_id, 60) for image_id in group.image_ids[:_SHOWN_IDS]]
        names += ["…"] if len(group.image_ids) > _SHOWN_IDS else []
        table.add_row(", ".join(group.reasons), f"{len(group.image_ids):,}", Text("  ".join(names)))
    Console(highlight=False).print(table)
    more = len(found.groups) - _SHOWN_GROUPS
    print_line(
        f"{pluralize(len(found.groups), 'group')} among {pluralize(found.pictures, 'picture')}"
        + (f", {more:,} of them not shown: all with --json" if more > 0 else "")
    )


def delete(
    image_ids: Annotated[
        list[str], typer.Argument(metavar="IMAGE_ID …", help="The pictures to delete.")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    wall: WallOption = "./wall",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take pictures off a wall.

    All of those named, or none if one of them is not there. What its source still has comes back
    at the next add of it: take it out there too. Their bytes stay in older versions until
    cavewall optimize removes those.
    """
    opened = cavewall.open(wall)
    if not yes:
        _confirm(opened, image_ids, as_json)
    count = opened.maintenance.delete(image_ids)
    if as_json:
        print_json({"deleted": count})
    elif not quiet:
        print_line(f"{count:,} deleted")


def _confirm(wall: cavewall.Wall, image_ids: list[str], as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        raise InputError(
            f"nothing was deleted: to delete {pluralize(len(image_ids), 'picture')} without being "
            "asked, say --yes"
        )
    for image_id in image_ids[:_SHOWN_IDS]:
        picture = wall.picture(image_id)
        print_line(f"{truncate(image_id, 60)}: {truncate(' · '.join(picture.captions), 100)}")
    typer.confirm(f"Delete {pluralize(len(image_ids), 'picture')} from the wall?", abort=True)


def export(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to: its name ends in .parquet or .csv.")
    ],
    atlas: Annotated[
        bool,
        typer.Option("--atlas", help="With text, thumbnails and a map, for Embedding Atlas."),
    ] = False,
    wall: WallOption = "./wall",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write what a wall holds to a file.

    Parquet with the vectors, or CSV without. Image bytes are in neither.
    """
    count = cavewall.open(wall).maintenance.export(path, atlas=atlas)
    if as_json:
        print_json({"path": str(path), "pictures": count})
    elif not quiet:
        print_line(f"{pluralize(count, 'picture')} in {path}")
        if atlas:
            print_line(
                f"look at them: embedding-atlas {path} --text text --image image --x x --y y"
            )


def doctor(
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look a wall over: is anything wrong?

    Says what to do about it. Exit code 0: nothing is wrong. 1: something is, or the wall cannot
    be read.
    """
    found = cavewall.open(wall, encoder).maintenance.doctor()
    if as_json:
        print_json(found.to_dict())
    else:
        _show_report(found)
    if not found.healthy:
        raise typer.Exit(1)


def _show_report(found: HealthReport) -> None:
    counts = found.counts
    print_line(
        f"{pluralize(counts['pictures'], 'picture')} ({counts['stored']:,} stored, "
        f"{counts['linked']:,} linked, {counts['without_file']:,} without a file), "
        f"{pluralize(counts['captions'], 'caption')}, {counts['bytes'] / 1e6:,.1f} MB in "
        f"{pluralize(counts['fragments'], 'fragment')}, {pluralize(counts['versions'], 'version')}"
    )
    console = Console(highlight=False)
    for finding in found.findings:
        colour = "bold red" if finding.level == "wrong" else "dim"
        line = Text.assemble((f"{finding.level}: ", colour), escape_control(finding.message))
        console.print(line, soft_wrap=True)
        if finding.examples:
            names = [truncate(name, 80) for name in finding.examples[:_SHOWN_IDS]]
            names += ["… all with --json"] if len(finding.examples) > _SHOWN_IDS else []
            console.print(Text("  " + "  ".join(names), "dim"), soft_wrap=True)
    if found.healthy:
        print_line("healthy")


def optimize(
    wall: WallOption = "./wall", as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Merge small files and remove old versions.

    What stopped writers left goes too. The newest version, tagged ones and what was last
    overwritten stay.
    """
    report = cavewall.open(wall).maintenance.optimize()
    if as_json:
        print_json(report.to_dict())
    elif not quiet:
        print_line(
            f"{report.bytes_before / 1e6:,.1f} MB → {report.bytes_after / 1e6:,.1f} MB, "
            f"{pluralize(report.fragments_before, 'fragment')} → {report.fragments_after:,}, "
            f"{pluralize(report.versions_before, 'version')} → {report.versions_after:,}"
        )


def index(
    check: Annotated[
        bool,
        typer.Option("--check", help="Measure the index on captions of this wall."),
    ] = False,
    wall: WallOption = "./wall",
    encoder: EncoderOption = None,
    engine: EngineOption = "local",
    address: AddressOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make ready what searches need, so that none has to wait for it.

    From 50,000 pictures on that is an index of the vectors too.
    """
    opened = cavewall.open(wall, encoder)
    with shares(as_json or quiet) as progress:
        report = opened.maintenance.index(
            check=check, engine=engine, ray_address=address, progress=progress
        )
    if as_json:
        print_json(report.to_dict())
    elif not quiet:
        _show_index(report)


def _show_index(report: IndexReport) -> None:
    ready = f"{pluralize(report.pictures, 'picture')} ready ({report.seconds:.1f} s)"
    if not report.neighbourhoods:
        print_line(f"{ready}: so few are looked through faster than any index answers")
        return
    print_line(f"{ready}, in {report.neighbourhoods:,} neighbourhoods")
    found = report.check
    if found is not None:
        print_line(
            f"of the true first ten it finds {found.recall_at_10:.1%} for captions, and "
            f"{found.recall_of_rule:.1%} for swaps of three captions ({found.queries} each)"
        )
        print_line(f"{found.ms:.1f} ms a search, {found.ms_everyone:.1f} ms without the index")


def versions(wall: WallOption = "./wall", as_json: JsonOption = False) -> None:
    """List the versions and tags of a wall."""
    found = cavewall.open(wall).versions.all()
    if as_json:
        print_json({"versions": [version.to_dict() for version in found]})
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("version", justify="right")
    table.add_column("made")
    table.add_column("pictures", justify="right")
    table.add_column("tags", overflow="fold")
    for version in found:
        made = version.made_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        tags = Text(escape_control(" ".join(version.tags)), "bold")
        table.add_row(str(version.number), made, f"{version.pictures:,}", tags)
    Console(highlight=False).print(table)


def tag(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")],
    version: Annotated[
        int | None,
        typer.Option("--version", min=1, metavar="N", help="Which version. Default: the newest."),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the name away.")] = False,
    wall: WallOption = "./wall",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Name a version of a wall, and keep it.

    It is kept for as long as it has the name.
    """
    if remove and version is not None:
        raise InputError("--remove takes the name away wherever it is: leave out --version")
    opened = cavewall.open(wall)
    number = opened.versions.untag(name) if remove else opened.versions.tag(name, version)
    if as_json:
        print_json({"tag": name, "version": number, "removed": remove})
    elif not quiet:
        is_called = "is no longer called" if remove else "is called"
        print_line(f"version {number} {is_called} {name}")


def restore(
    version: Annotated[
        str, typer.Argument(metavar="VERSION|TAG", help="Which version to go back to.")
    ],
    wall: WallOption = "./wall",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make an older version the newest again. Undone by: cavewall restore overwritten."""
    opened = cavewall.open(wall)
    number = opened.versions.restore(version)
    if as_json:
        print_json({"restored": version, "version": number, "pictures": len(opened)})
    elif not quiet:
        print_line(
            f"version {number} holds what {version} held, {pluralize(len(opened), 'picture')}. "
            "What was there before: cavewall restore overwritten"
        )


COMMANDS = (duplicates, delete, export, doctor, optimize, index, versions, tag, restore)
