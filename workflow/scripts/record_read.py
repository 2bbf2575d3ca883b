from metalclouds import io
from metalclouds.ingest.unread import check_read
from metalclouds.schema.documents import Inventory
from metalclouds.workflow import job

with job(snakemake):
    io.write_json(snakemake.output[0], check_read([Inventory.read(path) for path in snakemake.input.inventories]))
