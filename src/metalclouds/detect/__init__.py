"""Find clouds and stripes in one night of lidar."""
