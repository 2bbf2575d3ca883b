from pathlib import Path

from metalclouds.run_record import run_record
from metalclouds.workflow import job

with job(snakemake):
    params = snakemake.params
    run_record(Path(params.run_dir), params.configuration).write(snakemake.output[0])
