from pathlib import Path

from metalclouds.report.page import build
from metalclouds.workflow import job

with job(snakemake):
    options = snakemake.params
    build(options.run_dir, options.settings, Path(snakemake.output.page).parent, snakemake.input.workflow)
