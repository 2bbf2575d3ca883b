"""Physics that several stages share: the sun, the trail of a meteoroid, the noise of a density."""
