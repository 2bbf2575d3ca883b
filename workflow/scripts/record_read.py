from metalclouds import io, progress
from metalclouds.ingest.unread import check_read, partly_read
from metalclouds.schema.documents import Inventory
from metalclouds.workflow import job

with job(snakemake):
    inventories = [Inventory.read(path) for path in snakemake.input.inventories]
    for words in partly_read(inventories):
        print(words)
        print(words, file=progress.terminal)
    io.write_json(snakemake.output[0], check_read(inventories))
