"""Zenith angle of each stripe, the two marked stripes compared, and changes of the wind."""

from metalclouds import io, workflow
from metalclouds.batches import nights_of
from metalclouds.derive.beta import beta, with_stripes
from metalclouds.derive.settings import BetaSettings
from metalclouds.derive.stripe_pair import profile_seconds, stripe_pair
from metalclouds.derive.wind_steps import wind_steps
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.trail import sampling_of
from metalclouds.physics.wind import measured_wind
from metalclouds.schema.tables import BETA, STRIPE_PAIR, WIND_STEPS

with workflow.job(snakemake):
    given, parameters = snakemake.input, snakemake.params
    settings, geometry = BetaSettings(**parameters.settings), TrailSettings(**parameters.trail)
    stripes = io.read_csv(given.stripes)
    marked = next((case["night"] for case in parameters.cases if case["panel"] == settings.marked_panel), None)
    wind = measured_wind(map(io.read_netcdf, nights_of(given.wind).values()), geometry)
    table = beta(stripes, sampling_of(io.read_csv(given.nights)), wind, settings, geometry, marked)
    WIND_STEPS.write(snakemake.output.steps, wind_steps(wind))
    step = profile_seconds(nights_of(given.detect).get(marked))
    BETA.write(snakemake.output.beta, table)
    STRIPE_PAIR.write(snakemake.output.pair, stripe_pair(with_stripes(table, stripes), step, settings))
