"""Turn nights into the quantities that figures and claims rest on."""
