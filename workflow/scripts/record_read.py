from metalclouds import io
from metalclouds.ingest.unread import check_read
from metalclouds.workflow import job

with job(snakemake):
    io.write_json(snakemake.output[0], check_read([io.read_json(path) for path in snakemake.input.inventories]))
