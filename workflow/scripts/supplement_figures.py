"""Run the notebooks of the supplements."""

from pathlib import Path

from metalclouds.figures import render
from metalclouds.workflow import job

with job(snakemake):
    values = snakemake.params
    given = {"run_dir": values.run_dir, "settings": dict(values.settings), "cases": list(values.cases)}
    folder = Path(next(iter(snakemake.output.pages))).parent
    for notebook in map(Path, snakemake.input.notebooks):
        failed = Path(snakemake.log[0]).with_name(f"{notebook.stem}.failed.ipynb")
        render.execute(notebook, given, folder, notebook.stem, failed)
