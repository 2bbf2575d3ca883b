"""Turn raw files of any known shape into one CF netCDF file a night."""
