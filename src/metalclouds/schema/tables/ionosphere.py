"""Tables of derive/ about electrons and wind: TEC, sporadic E, steps of the wind."""

from __future__ import annotations

from metalclouds.schema.table import Table, date, flag, integer, number, text, time

WIND_STEPS = Table(
    "derive/wind_steps.csv",
    {
        "night": date("date of the evening at the station"),
        "time_utc": time("middle between two neighbouring measurements of the wind at 250 km"),
        "hours": number("time between them", unit="h"),
        "change_m_s": number("length of the change of the horizontal wind", unit="m s-1"),
        "error_m_s": number("standard error of a component of that change", empty="no errors given", unit="m s-1"),
    },
)
TEC_ENHANCEMENT = Table(
    "derive/tec_enhancement.csv",
    {
        "night": date("date of the evening at the station"),
        "method": text("background: quiet_days or zonal_highpass"),
        "onset_utc": time(
            "when the strength leaves zero",
            empty="no enhanced region was found, or it lies outside the hours searched",
        ),
        "onset_error_minutes": number(
            "its standard error in the noise of quiet nights, as `end_error_minutes`",
            empty="no enhanced region was found, or it lies outside the hours searched",
            unit="min",
        ),
        "peak_utc": time("when it is greatest", empty="no enhanced region was found"),
        "end_utc": time(
            "when it is back at zero, its fall being straight or bent as a parabola",
            empty="no enhanced region was found, or it lies outside the hours searched",
        ),
        "end_error_minutes": number(
            "its standard error in the noise of quiet nights; a fall of another form may end half an hour off",
            empty="no enhanced region was found, or it lies outside the hours searched",
            unit="min",
        ),
        "axis_longitude": number(
            "longitude of the region's axis", empty="no enhanced region was found", unit="degrees_east"
        ),
        "axis_longitude_error": number(
            "standard error from its scatter between bands of latitude",
            empty="no enhanced region was found",
            unit="degree",
        ),
        "latitude_south": number(
            "southern end, where the excess falls to half", empty="no enhanced region was found", unit="degrees_north"
        ),
        "latitude_north": number("northern end", empty="no enhanced region was found", unit="degrees_north"),
        "width_km": number(
            "full zonal width at half of the maximum", empty="no enhanced region was found", unit="km"
        ),
        "peak_tecu": number("strength of the region at its peak", empty="no enhanced region was found", unit="TECU"),
        "peak_error_tecu": number(
            "root mean square strength of the same shape on quiet nights",
            empty="no enhanced region was found",
            unit="TECU",
        ),
        "area_km2": number(
            "width at half of the peak times length", empty="no enhanced region was found", unit="km2"
        ),
        "lidar_distance_km": number(
            "distance of the lidar from the axis", empty="no enhanced region was found", unit="km"
        ),
        "significance": number(
            "standing of the heaviest region over the lidar among those of noise, standard deviations",
            empty="too few quiet nights",
            unit="1",
        ),
        "tilt_deg": number(
            "angle of the region's axis from the meridian, positive if its northern end lies farther east",
            empty="no enhanced region was found",
            unit="degree",
        ),
        "over_lidar_start_utc": time(
            "first map in which the region is over the lidar", empty="no enhanced region was found"
        ),
        "over_lidar_end_utc": time("last such map", empty="no enhanced region was found"),
        "least_tecu": number(
            "mean excess of the least region over the lidar that the search would have found",
            empty="nothing to judge it by",
            unit="TECU",
        ),
        "left_out": text(
            "satellite, or band of latitudes, left out of the maps", empty="none: all satellites and latitudes"
        ),
        "found": flag("whether an enhanced region was found over the lidar", empty="nothing to judge it by"),
    },
)
TEC_SERIES = Table(
    "derive/tec_series.csv",
    {
        "night": date("date of the evening at the station"),
        "time_utc": time("epoch"),
        "method": text("background: quiet_days or zonal_highpass"),
        "excess_tecu": number(
            "mean excess in the box around the lidar", empty="no cell observed, or no background", unit="TECU"
        ),
        "excess_error_tecu": number(
            "root mean square of the same on quiet nights", empty="no quiet night", unit="TECU"
        ),
        "vertical_tec_tecu": number("mean vertical TEC in the box", empty="no cell observed", unit="TECU"),
    },
)
ES_CASES = Table(
    "derive/es_cases.csv",
    {
        "night": date("date of the evening at the station"),
        "time_utc": time("time of the sounding"),
        "foEs_MHz": number(
            "critical frequency of Es, ordinary wave",
            empty="Es absent (below the sounder's limit) or unseen",
            unit="MHz",
        ),
        "es_status": text(
            "present, absent (foEs below the sounder's limit) or not_observed",
            choices=("absent", "present", "not_observed"),
        ),
        "hEs_km": number("virtual height of Es", empty="no Es, or the source does not give it", unit="km"),
        "fbEs_MHz": number("blanketing frequency of Es", empty="no Es, or the source does not give it", unit="MHz"),
        "blanketing": flag("whether Es is strong and no F layer is seen", empty="not known"),
        "double_es": flag("whether two Es traces are seen", empty="no ionogram"),
        "upper_hEs_km": number("virtual height of the upper of two traces", empty="not two traces", unit="km"),
        "spread_f": text("spread F: yes, no or not_observed", choices=("yes", "no", "not_observed")),
        "scaled_foEs_MHz": number(
            "foEs that was read off the ionogram", empty="no ionogram of that time, or nothing seen in it", unit="MHz"
        ),
        "scaled_hEs_km": number(
            "h'Es that was read off the ionogram", empty="no ionogram of that time, or nothing seen in it", unit="km"
        ),
    },
)
ES_RESPONSE = Table(
    "derive/es_response.csv",
    {
        "night": date("date of the evening at the station"),
        "event": text("connection, as in detect/events.csv"),
        "kind": text("direct_connection or descending_merge"),
        "connection_utc": time("its start"),
        "end_utc": time("its end"),
        "foEs_before_MHz": number("mean of max(foEs, limit) before", empty="no sounding in the window", unit="MHz"),
        "foEs_during_MHz": number("the same during", empty="no sounding in the window", unit="MHz"),
        "foEs_after_MHz": number("the same after", empty="no sounding in the window", unit="MHz"),
        "rise_during_MHz": number("during minus before", empty="no sounding in the window", unit="MHz"),
        "rise_during_low_MHz": number(
            "lower end of its interval; absent Es taken as low", empty="fewer than two soundings", unit="MHz"
        ),
        "rise_during_high_MHz": number("upper end of its interval", empty="fewer than two soundings", unit="MHz"),
        "scatter_before_MHz": number(
            "standard deviation of foEs before, of soundings with Es", empty="fewer than two of them", unit="MHz"
        ),
        "rise_after_MHz": number("after minus before", empty="no sounding in the window", unit="MHz"),
        "soundings_before": integer("soundings before", unit="1"),
        "soundings_during": integer("soundings during", unit="1"),
        "soundings_after": integer("soundings after", unit="1"),
        "absent_before": integer("of these, soundings without Es", unit="1"),
        "absent_during": integer("of these, soundings without Es", unit="1"),
        "absent_after": integer("of these, soundings without Es", unit="1"),
        "p": number(
            "share of random epochs on nights without connection with at least this rise",
            empty="too few of them",
            unit="1",
        ),
    },
)
SUPERPOSED_EPOCH = Table(
    "derive/superposed_epoch.csv",
    {
        "lag_minutes": number("time since the start of a connection", unit="min"),
        "foEs_MHz": number(
            "mean of max(foEs, limit) over the connections", empty="no sounding at this lag", unit="MHz"
        ),
        "low_MHz": number("lower end of its bootstrap interval", empty="no sounding at this lag", unit="MHz"),
        "high_MHz": number("upper end of its bootstrap interval", empty="no sounding at this lag", unit="MHz"),
        "random_MHz": number(
            "median of the same mean over random epochs",
            empty="no sounding at this lag on comparable nights",
            unit="MHz",
        ),
        "random_low_MHz": number(
            "lower end of the random means", empty="no sounding at this lag on comparable nights", unit="MHz"
        ),
        "random_high_MHz": number(
            "upper end of the random means", empty="no sounding at this lag on comparable nights", unit="MHz"
        ),
        "connections": integer("connections with a sounding at this lag", unit="1"),
    },
)
