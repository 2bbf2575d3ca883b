"""Write an interactive page for each case night."""

from pathlib import Path

from metalclouds.figures import night_page
from metalclouds.workflow import job

with job(snakemake):
    values = snakemake.params
    first = Path(snakemake.output[0])
    out = first.parent if first.suffix else first
    night_page.build(values.run_dir, list(values.cases), values.settings, out)
