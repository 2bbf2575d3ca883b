"""Collect the tables of all batches and add wind and beta to the stripes."""

from pathlib import Path

from metalclouds import workflow
from metalclouds.detect.batch import collect_tables

with workflow.job(snakemake):
    given, parameters = snakemake.input, snakemake.params
    collect_tables(
        [Path(p) for p in given.batches],
        [Path(p) for p in given.winds],
        Path(parameters.run_dir),
        parameters.settings,
    )
