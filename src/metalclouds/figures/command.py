"""`metalclouds plot FILE...`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from metalclouds.own_night import add_options

if TYPE_CHECKING:
    import xarray as xr

    from metalclouds.own_night import Chosen

EXAMPLE = """examples:
  metalclouds plot mydata/20230720.mat --site 40.6 -105.1 1.5 --species Na --out pictures
  metalclouds plot results/twin/ingest/lidar/cases/*.nc

writes night_YYYY-MM-DD.png of each night in the files, with the clouds and stripes found in it. --plain draws the
density alone, without looking for anything. --html also writes night_YYYY-MM-DD.html: a page to zoom into and to read
values from, with a table of the stripes."""


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register the subcommand."""
    command = subparsers.add_parser(
        "plot", help="draw nights of lidar with what was found in them", epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a night, in any form the ingest reads")
    command.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="folder for the pictures (here)")
    command.add_argument("--plain", action="store_true", help="the density alone")
    command.add_argument("--html", action="store_true", help="an interactive page of each night, too")
    add_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Draw each night of each file; 2 if a file could not be drawn (the others are drawn all the same)."""
    from metalclouds.detect.command import nights_of, told_in_words
    from metalclouds.errors import MetalcloudsError
    from metalclouds.files import writable_folder
    from metalclouds.own_night import chosen

    settings = chosen(options)
    writable_folder(options.out)
    failed, left_out = 0, list[str]()
    for path in options.files:
        try:
            with told_in_words(left_out):
                nights = nights_of(path, settings.ingest)
            for night in nights:
                for made in draw(night, options, settings):
                    print(made, flush=True)
        except MetalcloudsError as error:
            failed += 1
            print(f"metalclouds: {error}" + ("" if error.file else f"\n  file: {path}"), file=sys.stderr, flush=True)
    return 2 if failed or left_out else 0


def draw(night: xr.Dataset, options: argparse.Namespace, settings: Chosen) -> list[Path]:
    """Write the picture of a night, and its page if it is wanted; their paths.

    Parameters
    ----------
    night
        dataset of `ingest/lidar`.
    """
    from metalclouds.detect.night import detect_night
    from metalclouds.figures import night_page, style
    from metalclouds.figures.one_night import plot_night
    from metalclouds.files import replacing

    found = None if options.plain else detect_night(night, settings.detect)
    picture = options.out / f"night_{night.attrs['night']}.png"
    style.save(plot_night(night, found, settings.figures), picture, None, settings.figures)
    if not options.html:
        return [picture]
    page = picture.with_suffix(".html")
    with replacing(page) as temporary:
        temporary.write_text(night_page.single(night, found, settings.figures), encoding="utf-8")
    return [picture, page]
