"""Detect clouds and stripes in a batch of nights."""

from pathlib import Path

from metalclouds import workflow

with workflow.job(snakemake), workflow.client(snakemake, "metalclouds.detect.night") as client:
    # Imported here, so that this process and the one that workers are forked from import at the same time.
    from metalclouds.batches import nights_of
    from metalclouds.detect.batch import run_batch
    from metalclouds.detect.settings import DetectSettings

    made = snakemake.output
    nights = list(nights_of([snakemake.input.index]).values())
    run_batch(nights, Path(made.index), Path(made.products), DetectSettings(**snakemake.params.settings), client)
