"""Records cut down from one simulated record, from their files to the verdicts."""
