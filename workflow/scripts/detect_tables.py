"""Collect the tables of all batches and add wind and beta to the stripes."""

from pathlib import Path

from metalclouds import workflow
from metalclouds.detect.batch import collect_tables

with workflow.job(snakemake):
    given = snakemake.input
    indices, winds = [Path(path) for path in given.batches], [Path(path) for path in given.winds]
    collect_tables(indices, winds, Path(snakemake.output.stripes).parent, snakemake.params.trail)
