"""Detect clouds and stripes in a batch of nights."""

from pathlib import Path

from metalclouds import workflow
from metalclouds.detect.batch import detect_batch

with workflow.job(snakemake), workflow.client(snakemake) as client:
    parameters = snakemake.params
    detect_batch(Path(snakemake.input.index), Path(parameters.run_dir), parameters.settings, client)
