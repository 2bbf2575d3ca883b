"""Run the notebook of a figure."""

from pathlib import Path

from metalclouds.figures import render
from metalclouds.workflow import job

with job(snakemake):
    values = snakemake.params
    render.execute(
        snakemake.input.notebook,
        {"run_dir": values.run_dir, "settings": dict(values.settings), "cases": list(values.cases)},
        Path(snakemake.output.png).parent,
        snakemake.rule,
        Path(snakemake.log[0]).with_suffix(".failed.ipynb"),
    )
