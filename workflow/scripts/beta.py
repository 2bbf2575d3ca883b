"""Zenith angle of each stripe, and the two marked stripes compared."""

from metalclouds import io, workflow
from metalclouds.batches import nights_of
from metalclouds.derive.beta import beta
from metalclouds.derive.settings import BetaSettings
from metalclouds.derive.stripe_pair import profile_seconds, stripe_pair

with workflow.job(snakemake):
    given, parameters = snakemake.input, snakemake.params
    settings = BetaSettings(**parameters.settings)
    stripes = io.read_csv(given.stripes)
    marked = next((case["night"] for case in parameters.cases if case["panel"] == settings.marked_panel), None)
    winds = nights_of(given.wind)
    table = beta(stripes, {night: io.read_netcdf(path) for night, path in winds.items()}, settings, marked)
    step = profile_seconds(nights_of(given.detect).get(marked))
    io.write_csv(snakemake.output.beta, table)
    io.write_csv(snakemake.output.pair, stripe_pair(stripes, table, step, settings))
