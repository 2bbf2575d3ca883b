"""`metalclouds twin`: write a simulated campaign and its truth."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metalclouds.errors import ConfigError
from metalclouds.files import writable_folder
from metalclouds.subcommand import parser_of

if TYPE_CHECKING:
    from metalclouds.twin.settings import TwinSettings
    from metalclouds.twin.sky import NightTruth

EXAMPLE = """example:
  metalclouds twin --seed 7 --nights 20 --out /tmp/record --truth /tmp/truth
      Writes a record of 20 nights (the six case nights and 14 others) for all instruments, and its truth.
  metalclouds twin --nights 2021-05-10,2021-06-18 --out /tmp/record --truth /tmp/truth
      Writes two nights.
  metalclouds twin --explanation shower --form density --seed 3 --nights 40 --out /tmp/record --truth /tmp/truth
      Writes 40 nights whose clouds are trails of one radiant each, simulated from physics, as densities.
"""

EXPLANATIONS = ("shower", "sporadic", "sheets", "fronts", "patches", "smooth", "quiet")
FORMS = ("counts", "density")
INSTRUMENTS = ("tec", "fpi", "ionosonde")
"""Instruments besides the lidar; each is a module of this package with a function `write`."""


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `twin`."""
    parser = parser_of(
        subparsers,
        "twin",
        "simulate a campaign and write the record and the truth behind it",
        "Write a simulated observing campaign as a record like a published one, and its truth.",
        EXAMPLE,
    )
    parser.add_argument("--seed", type=int, help="seed of everything drawn (default: from the settings)")
    parser.add_argument(
        "--nights", default="all", help="all, cases, a number, or dates with commas between (default: all)"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the record")
    parser.add_argument("--truth", type=Path, required=True, help="folder for the truth, outside --out")
    parser.add_argument(
        "--explanation",
        choices=EXPLANATIONS,
        help="simulate the clouds from physics, all of one kind (use even seeds to develop a test, odd ones to "
        "evaluate it)",
    )
    parser.add_argument(
        "--form", choices=FORMS, help="with --explanation: what the lidar publishes (default: counts)"
    )
    parser.add_argument("--config", type=Path, help="read section `twin` of this configuration file")
    parser.add_argument("--cores", type=int, default=1, help="processes that work on the lidar's nights (default: 1)")
    parser.set_defaults(run=_run)


def nights_option(text: str) -> str | int | tuple[str, ...]:
    """Value of `--nights` as the settings want it.

    Examples
    --------
    >>> nights_option("20"), nights_option("cases"), nights_option("2021-05-10,2021-06-18")
    (20, 'cases', ('2021-05-10', '2021-06-18'))
    """
    if text.isdigit():
        return int(text)
    if text in ("all", "cases"):
        return text
    return tuple(part.strip() for part in text.split(","))


def settings_of(options: argparse.Namespace) -> TwinSettings:
    """Settings of the command line, then of the configuration file, then the defaults.

    Raises
    ------
    ConfigError
        With all values that break a rule.
    """
    from pydantic import ValidationError

    from metalclouds.files import read_yaml
    from metalclouds.twin.settings import TwinSettings

    values: dict[str, Any] = {}
    if options.config:
        values = dict(read_yaml(options.config).get("twin") or {})
    values["nights"] = nights_option(options.nights)
    if options.seed is not None:
        values["seed"] = options.seed
    try:
        return TwinSettings.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError("settings of the simulated campaign break the rules", given=faults) from error


def write_all(
    settings: TwinSettings, nights: Sequence[NightTruth], out: Path, truth_dir: Path, dask_client: Any = None
) -> None:
    """Write the record of every instrument, and the truth."""
    from metalclouds.twin import lidar_formats, truth

    lidar_formats.write(settings, nights, out, dask_client)
    for name in INSTRUMENTS:
        importlib.import_module(f"metalclouds.twin.{name}").write(settings, nights, out)
    truth.write(settings, nights, truth_dir)


def _run(options: argparse.Namespace) -> int:
    from metalclouds import parallel
    from metalclouds.twin.scenario import campaign

    if options.truth.resolve().is_relative_to(options.out.resolve()):
        raise ConfigError("the truth must lie outside the record", where="--truth", given=options.truth)
    for folder in (options.out, options.truth):
        writable_folder(folder)
    settings = settings_of(options)
    if options.form and not options.explanation:
        raise ConfigError("a form belongs to an explanation", where="--form", given=options.form,
                          remedy="give --explanation too, or leave --form out")  # fmt: skip
    if options.explanation:
        return _run_physical(options, settings)
    nights = campaign(settings)
    with parallel.client("processes", workers=options.cores) as client:
        write_all(settings, nights, options.out, options.truth, client)
    print(f"{len(nights)} nights, seed {settings.seed}: record in {options.out}, truth in {options.truth}")
    return 0


def _run_physical(options: argparse.Namespace, settings: TwinSettings) -> int:
    from metalclouds import parallel
    from metalclouds.twin.physical import dates, files

    chosen = dates.dates_of(settings)
    with parallel.client("processes", workers=options.cores) as client:
        files.write(
            options.explanation, options.form or FORMS[0], settings, chosen, (options.out, options.truth), client
        )
    print(f"{len(chosen)} nights of {options.explanation}, seed {settings.seed}: record in {options.out}, "
          f"truth in {options.truth}")  # fmt: skip
    return 0
