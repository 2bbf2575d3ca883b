"""Detect clouds and stripes in a batch of nights."""

from pathlib import Path

from metalclouds import workflow
from metalclouds.batches import nights_of
from metalclouds.detect.batch import run_batch
from metalclouds.detect.settings import DetectSettings

with workflow.job(snakemake), workflow.client(snakemake, "metalclouds.detect.night") as client:
    made = snakemake.output
    nights = list(nights_of([snakemake.input.index]).values())
    run_batch(nights, Path(made.index), Path(made.products), DetectSettings(**snakemake.params.settings), client)
