from metalclouds.twin.lidar_formats import write
from metalclouds.twin.scenario import campaign
from metalclouds.twin.settings import TwinSettings
from metalclouds.workflow import client, job

with job(snakemake), client(snakemake, "metalclouds.twin.lidar_formats") as workers:
    settings = TwinSettings.model_validate(snakemake.params.settings)
    write(settings, campaign(settings), snakemake.output[0], workers)
