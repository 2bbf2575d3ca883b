"""Turn raw files of any known shape into one CF netCDF file a night."""

from metalclouds.ingest.files import read_any

__all__ = ["read_any"]
