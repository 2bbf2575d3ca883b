from pathlib import Path

from metalclouds.twin import ionosonde, scenario
from metalclouds.twin.settings import TwinSettings
from metalclouds.workflow import job

with job(snakemake):
    settings = TwinSettings.model_validate(snakemake.params.settings)
    ionosonde.write(settings, scenario.campaign(settings), Path(snakemake.output[0]))
