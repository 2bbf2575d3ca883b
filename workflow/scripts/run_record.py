from pathlib import Path

from metalclouds.files import write_json
from metalclouds.run_record import run_record
from metalclouds.workflow import job

with job(snakemake):
    params = snakemake.params
    write_json(snakemake.output[0], run_record(Path(params.run_dir), params.configuration))
