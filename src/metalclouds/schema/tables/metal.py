"""Tables of derive/ about the metal: nights, columns, months, angles and feet of stripes, and the neutral density."""

from __future__ import annotations

from metalclouds.schema.table import Table, date, flag, integer, number, text, time

NIGHTS = Table(
    "derive/nights.csv",
    {
        "night": date("date of the evening at the station"),
        "observed": flag("whether the night counts as observed (usable dark hours)"),
        "hours": number("usable dark hours", unit="h"),
        "above_150": flag("whether metal was found above 150 km"),
        "clear_200_300": flag("whether a clear layer was found within 200-300 km"),
        "connection_utc": time(
            "start of the first connection of a cloud with the main layer", empty="none was found"
        ),
        "cloud_hours": number("time for which a cloud lasted; 0 without one", unit="h"),
        "p_false": number(
            "chance of a score as high as the night's on a quiet night; 1e-6: at most that",
            empty="the night was not scored",
            unit="1",
        ),
        "year": integer("year of the night"),
        "month": integer("calendar month of the night"),
        "cloud_bottom_km": number("lowest altitude of the clouds", empty="no cloud was found", unit="km"),
        "cloud_top_km": number("highest altitude of the clouds", empty="no cloud was found", unit="km"),
        "noise_floor_cm3": number(
            "as in detect/nights.csv: standard error of a cell at 250 km", empty="no usable profile", unit="cm-3"
        ),
        "column_density_cm2": number(
            "as in columns.csv", empty="no profile covers the layer without a gap", unit="cm-2"
        ),
    },
)
COLUMNS = Table(
    "derive/columns.csv",
    {
        "night": date("date of the evening at the station"),
        "profiles": integer("profiles used: not flagged, no gap within the layer", unit="1"),
        "hours": number("their accumulation time", unit="h"),
        "column_density_cm2": number(
            "integral of the night's mean density over 83-120 km (settings)",
            empty="no profile covers the layer without a gap",
            unit="cm-2",
        ),
        "column_density_error_cm2": number(
            "its standard error: photons, or the scatter of time blocks where larger",
            empty="no profile covers the layer without a gap",
            unit="cm-2",
        ),
        "centroid_km": number(
            "mean altitude weighted with density", empty="no profile covers the layer without a gap", unit="km"
        ),
        "centroid_error_km": number(
            "its standard error", empty="no profile covers the layer without a gap", unit="km"
        ),
        "rms_width_km": number(
            "root mean square distance from the centroid",
            empty="no profile covers the layer without a gap, or noise outweighs",
            unit="km",
        ),
        "rms_width_error_km": number(
            "its standard error", empty="no profile covers the layer without a gap, or noise outweighs", unit="km"
        ),
        "main_layer_present_share": number(
            "share of time blocks in which the layer's column is significant",
            empty="no block with an error",
            unit="1",
        ),
        "main_layer_density_cm3": number(
            "mean density within one rms width of the centroid",
            empty="no profile covers the layer without a gap",
            unit="cm-3",
        ),
        "cloud_density_cm3": number(
            "mean density of the cells that detection calls cloud or stripe", empty="no cloud was found", unit="cm-3"
        ),
        "cloud_density_error_cm3": number("its standard error", empty="no cloud was found", unit="cm-3"),
        "negatives": text(
            "what became of negative densities: kept, corrected for their loss, or lost",
            choices=("kept", "corrected", "lost"),
        ),
    },
)
MONTHLY = Table(
    "derive/monthly.csv",
    {
        "month": integer("calendar month, 1 to 12, all years together"),
        "nights_observed": integer("nights with enough usable dark hours", unit="1"),
        "nights_above_150": integer("of these, nights with metal above 150 km", unit="1"),
        "nights_clear_200_300": integer("of these, nights with a clear layer within 200-300 km", unit="1"),
        "occurrence": number("nights above 150 km over nights observed", empty="no night was observed", unit="1"),
        "occurrence_low": number("lower end of its binomial interval", empty="no night was observed", unit="1"),
        "occurrence_high": number("upper end of its binomial interval", empty="no night was observed", unit="1"),
        "hours": number(
            "usable dark hours of the nights of common sensitivity: noise_floor_cm3 at or below its quantile "
            "derive.occurrence.sensitivity_quantile over all observed nights",
            unit="h",
        ),
        "occurrence_per_hour": number(
            "of these nights, those above 150 km for each such hour", empty="no such hours", unit="h-1"
        ),
        "false_nights_expected": number("nights expected to be called above 150 km by chance", unit="1"),
        "column_density_cm2": number(
            "mean of the nights' columns, each with the same weight", empty="no column", unit="cm-2"
        ),
        "column_low_cm2": number(
            "lower end of its interval (log-normal nights)",
            empty="fewer than three nights, or a value that is not positive",
            unit="cm-2",
        ),
        "column_high_cm2": number(
            "upper end of its interval", empty="fewer than three nights, or a value that is not positive", unit="cm-2"
        ),
        "column_nights": integer("nights with a column", unit="1"),
        "density_cm3": number("mean of the nights' main_layer_density_cm3", empty="no night with one", unit="cm-3"),
        "density_low_cm3": number(
            "lower end of its interval", empty="fewer than three nights, or a value that is not positive", unit="cm-3"
        ),
        "density_high_cm3": number(
            "upper end of its interval", empty="fewer than three nights, or a value that is not positive", unit="cm-3"
        ),
    },
)
OCCURRENCE_BY_YEAR = Table(
    "derive/occurrence_by_year.csv",
    {
        "year": integer("year"),
        "month": integer("calendar month in which a night was observed"),
        "nights_observed": integer("nights with enough usable dark hours", unit="1"),
        "nights_above_150": integer("of these, nights with metal above 150 km", unit="1"),
        "nights_clear_200_300": integer("of these, nights with a clear layer within 200-300 km", unit="1"),
        "occurrence": number("nights above 150 km over nights observed", empty="no night was observed", unit="1"),
        "occurrence_low": number("lower end of its binomial interval", empty="no night was observed", unit="1"),
        "occurrence_high": number("upper end of its binomial interval", empty="no night was observed", unit="1"),
    },
)
CLEAR_THRESHOLD = Table(
    "derive/clear_threshold.csv",
    {
        "threshold": number("score that counts as a detection, standard deviations", unit="1"),
        "nights_above_150": integer("observed nights whose score above 150 km reaches it", unit="1"),
        "nights_clear_200_300": integer("observed nights whose score in 200-300 km reaches it", unit="1"),
    },
)
CORRELATION = Table(
    "derive/correlation.csv",
    {
        "name": text("what is correlated: monthly_*, chance_* (unrelated curves), nightly_* at a lag in days"),
        "value": number(
            "coefficient, share of chance curves, or log ratio of columns", empty="not defined", unit="1"
        ),
        "low": number("lower end of its interval", empty="no interval", unit="1"),
        "high": number("upper end of its interval", empty="no interval", unit="1"),
        "p": number("two-sided probability under no relation", empty="no test", unit="1"),
        "n": integer("months, curves or nights behind it", unit="1"),
        "method": text("how value, interval and p were made"),
    },
)
BETA = Table(
    "derive/beta.csv",
    {
        "night": date("date of the evening at the station"),
        "id": text("stripe, as in detect/stripes.csv"),
        "length_km": number("vertical extent", unit="km"),
        "beta_zonal_deg": number(
            "as beta_deg of stripes.csv, for the zonal wind alone", empty="no wind near enough in time", unit="degree"
        ),
        "beta_ion_deg": number(
            "as beta_deg, for the wind's projection on the magnetic field",
            empty="no wind near enough in time",
            unit="degree",
        ),
        "azimuth_deg": number(
            "azimuth of the trail's upper end, from north over east, if it lies along the drift",
            empty="no wind near enough in time, or beta is an upper limit",
            unit="degree",
        ),
        "long": flag("whether the stripe is longer than 80 km (settings)"),
        "marked": flag("whether it is one of the two that Figure 5 marks"),
    },
)
STRIPE_PAIR = Table(
    "derive/stripe_pair.csv",
    {
        "name": text("quantity of the two marked stripes, or difference second minus first"),
        "value": number("its value", empty="no wind, or the profile length is not known"),
        "low": number("lower end of its interval", empty="no interval"),
        "high": number("upper end of its interval", empty="no interval"),
        "unit": text("unit of value, low and high"),
        "n": integer("stripes behind it"),
    },
)
STRIPE_FEET = Table(
    "derive/stripe_feet.csv",
    {
        "night": date("date of the evening at the station"),
        "id": text("stripe, as in detect/stripes.csv"),
        "upper_density_cm3": number(
            "peak over its surroundings in the upper band, 135-150 km (settings)", empty="no data there", unit="cm-3"
        ),
        "upper_error_cm3": number("scatter of the surroundings", empty="no data there", unit="cm-3"),
        "upper_width_s": number("full width of the peak at half of its height", empty="no such peak", unit="s"),
        "lower_density_cm3": number("the same in the lower band, 113-125 km", empty="no data there", unit="cm-3"),
        "lower_error_cm3": number("scatter of the surroundings", empty="no data there", unit="cm-3"),
        "lower_width_s": number("full width of the peak at half of its height", empty="no such peak", unit="s"),
        "lowest_km": number(
            "lowest altitude down to which the line stands out of n(t, z)", empty="it does not stand out", unit="km"
        ),
        "densest_km": number(
            "altitude of its largest excess below the upper band", empty="it does not reach there", unit="km"
        ),
        "break_km": number(
            "altitude at which the rise of its density downwards breaks", empty="too few points", unit="km"
        ),
        "break_error_km": number("standard error of that altitude", empty="too few points", unit="km"),
        "break_gain": number(
            "what a break gains: BIC of a smooth rise minus that of a broken one, above 0 for a break",
            empty="too few points",
        ),
    },
)
LAYER_MAXIMA = Table(
    "derive/layer_maxima.csv",
    {
        "night": date("date of the evening at the station"),
        "time_utc": time("middle of the profiles averaged"),
        "altitude_km": number("altitude of a maximum of the density", unit="km"),
        "density_cm3": number("density there", unit="cm-3"),
        "prominence_cm3": number("how far it stands out over the density between it and a larger one", unit="cm-3"),
        "error_cm3": number("standard error of the density there, from the scatter of profiles", unit="cm-3"),
    },
)
DENSITY_PROFILE = Table(
    "derive/density_profile.csv",
    {
        "time_utc": time("time of the profile"),
        "altitude_km": number("altitude above sea level", unit="km"),
        "density_kg_m3": number("total mass density of NRLMSISE-00 above the lidar", unit="kg m-3"),
        "scale_height_km": number("height over which that density falls by e", unit="km"),
        "temperature_K": number("neutral temperature", unit="K"),
    },
)
DENSITY_FACTORS = Table(
    "derive/density_factors.csv",
    {
        "name": text("rise between two altitudes, altitude of a given rise, scale height, or an index used"),
        "value": number("its value", empty="the profile does not reach it"),
        "unit": text("unit of value"),
    },
)
