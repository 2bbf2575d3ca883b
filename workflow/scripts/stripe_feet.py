"""Where stripes of the case nights run into the main layer, and the maxima of that layer."""

from metalclouds import io, workflow
from metalclouds.batches import nights_of
from metalclouds.derive.settings import FootSettings
from metalclouds.derive.stripe_feet import feet_and_maxima
from metalclouds.schema.tables import LAYER_MAXIMA, STRIPE_FEET

with workflow.job(snakemake):
    given = snakemake.input
    detected = nights_of(given.detect)
    pairs = (
        (io.read_netcdf(path), io.read_netcdf(detected[night]) if night in detected else None)
        for night, path in nights_of(given.lidar).items()
    )
    settings = FootSettings(**snakemake.params.settings)
    feet, maxima = feet_and_maxima(pairs, io.read_csv(given.stripes), settings)
    STRIPE_FEET.write(snakemake.output.feet, feet)
    LAYER_MAXIMA.write(snakemake.output.maxima, maxima)
