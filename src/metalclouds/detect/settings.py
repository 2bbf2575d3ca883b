"""Settings of the detection: one frozen model, the defaults of the config section `detect`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class DetectSettings(BaseModel):
    """How clouds and stripes are found in a night of lidar."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # ---- image
    row_km: float = Field(default=1.44, gt=0, le=10, description="Height of a row of the coarse image (km).")
    image_bottom_km: float = Field(default=76.0, ge=0, description="Lower edge of the coarse image (km).")
    longest_gap_slots: int = Field(
        default=400, ge=10, description="Profiles that a longer gap in time is shortened to in the search image."
    )

    # ---- use of a profile
    twilight_sun_elevation_deg: float = Field(
        default=-12.0, ge=-30, le=0, description="Profiles with the sun above this elevation are twilight, not used."
    )
    burst_sigma: float = Field(
        default=6.0, gt=0, description="Excess of the background of single profiles over their neighbours (sigma)."
    )
    burst_flat_share: float = Field(
        default=0.5, gt=0, lt=1, description="Share of a burst's excess that is the same at all altitudes, at least."
    )
    burst_longest_profiles: int = Field(default=4, ge=1, description="Longest burst, in profiles.")
    low_signal_share: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="Profiles whose main layer or background falls below this share are misfires.",
    )
    observed_least_hours: float = Field(
        default=2.0, ge=0, description="Usable dark hours from which a night counts as observed."
    )

    # ---- density in place of counts
    density_noise_half_profiles: int = Field(
        default=15, ge=1, description="The noise of a density is the median over twice this many profiles and one."
    )
    density_burst_factor: float = Field(
        default=1.6,
        gt=1,
        description="A density's profile whose noise variance exceeds its neighbours' by this factor is a burst.",
    )

    # ---- background
    background_bottom_km: float = Field(
        default=150.0, gt=0, description="Lowest altitude used for the background (km)."
    )
    background_block_rows: int = Field(default=10, ge=2, description="Rows in an altitude block of the background.")
    background_low_share: float = Field(
        default=0.34,
        gt=0,
        le=1,
        description="Share of the altitude blocks, the lowest, whose mean starts the background.",
    )
    background_smooth_minutes: float = Field(
        default=8.0, gt=0, description="Smoothing of the background in time (min)."
    )
    background_iterations: int = Field(default=2, ge=0, description="Rounds with what was found masked.")
    background_systematic: float = Field(
        default=0.004, ge=0, description="Relative error of the background that no averaging removes."
    )

    # ---- mask and decisions
    main_layer_top_km: float = Field(
        default=120.0, gt=0, description="Upper edge of the main layer; clouds are sought above it (km)."
    )
    topside_bottom_km: float = Field(
        default=112.0, gt=0, description="Altitude from which the upper side of the main layer is followed up (km)."
    )
    topside_top_km: float = Field(
        default=140.0, gt=0, description="Altitude up to which the main layer's upper side may reach (km)."
    )
    topside_scale_height_km: float = Field(
        default=5.0, gt=0, description="Slowest fall of the main layer's upper side with altitude (km)."
    )
    topside_window_minutes: float = Field(
        default=50.0, gt=0, description="Time over which the main layer's upper side is taken for steady (min)."
    )
    topside_block_profiles: int = Field(
        default=5, ge=1, description="Profiles averaged before the main layer's upper side is sought."
    )
    mask_scales: tuple[tuple[int, int], ...] = Field(
        default=((3, 3), (5, 7), (7, 21), (13, 41), (25, 101)),
        description="Boxes of the mask, rows x profiles, odd numbers.",
    )
    mask_high_sigma: float = Field(default=5.3, gt=0, description="A component needs one box of this significance.")
    mask_low_sigma: float = Field(default=3.5, gt=0, description="A component extends to this significance.")
    mask_least_cells: int = Field(default=12, ge=1, description="Smallest component of the mask, cells.")
    mask_clumping: float = Field(
        default=6.5, gt=0, description="Independent trials in an image, in units of the boxes that tile it."
    )
    boundary_km: float = Field(default=150.0, gt=0, description="Night class: Ca+ above this altitude (km).")
    clear_bottom_km: float = Field(
        default=200.0, gt=0, description="Night class: lower edge of the clear layer (km)."
    )
    clear_top_km: float = Field(default=300.0, gt=0, description="Night class: upper edge of the clear layer (km).")
    p_false: float = Field(
        default=0.005, gt=0, lt=0.5, description="Probability of a false alarm in a quiet night for both decisions."
    )
    clear_sigma: float = Field(
        default=12.0, gt=0, description="Score from which a layer at clear_bottom_km to clear_top_km is called clear."
    )

    edge_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="A cloud's edge lies near half of this share of the mean density inside it.",
    )
    edge_sigma: float = Field(
        default=4.0, gt=0, description="Least significance of that share in a box of the edges (sigma)."
    )
    edge_cost: float = Field(
        default=5.0, gt=0, description="Log likelihood that each beginning and end of a cloud must gain."
    )
    edge_time_box: tuple[int, int, int] = Field(
        default=(2, 2, 12),
        description="Half sizes for edges in time: rows summed; rows and profiles of the mean inside.",
    )
    edge_altitude_box: tuple[int, int, int] = Field(
        default=(7, 7, 5),
        description="Half sizes for edges in altitude: profiles summed; profiles and rows of the mean inside.",
    )
    edge_bridge_minutes: float = Field(
        default=15.0, ge=0, description="Gaps of a cloud up to this time belong to it (min)."
    )

    # ---- stripes
    stripe_bottom_km: float = Field(default=108.0, gt=0, description="Lower edge of the region of stripes (km).")
    stripe_largest_slowness_s_per_km: float = Field(
        default=60.0, gt=0, description="Largest slowness dt/dz of a stripe, both signs (s/km)."
    )
    stripe_width_doublings: int = Field(
        default=2, ge=0, le=6, description="Widths of the search: 1, 2, ... 2^this profiles."
    )
    stripe_joined_profiles: tuple[int, ...] = Field(
        default=(1, 4, 8, 16), description="Scales of the search: profiles joined, powers of two."
    )
    stripe_systematic: float = Field(
        default=0.2, ge=0, description="Relative error of the clouds and stripes that a new stripe lies on."
    )
    stripe_least_elongation: float = Field(
        default=2.0, ge=0, description="Least length over width, both in km of drift."
    )
    drift_km_s: float = Field(default=0.06, gt=0, description="Drift assumed for the elongation (km/s).")
    stripe_base_scales: tuple[tuple[int, int], ...] = Field(
        default=((1, 41), (9, 31)), description="Boxes, rows x profiles, whose mean is taken for cloud, not stripe."
    )
    stripe_base_sigma: float = Field(default=4.0, gt=0, description="Significance from which such a box is cloud.")
    stripe_seed_sigma: float = Field(default=6.5, gt=0, description="Matched SNR from which a line is fitted.")
    stripe_seed_clear_sigma: float = Field(
        default=4.0,
        ge=0,
        description="Matched SNR that the part of a line above the flares needs.",
    )
    stripe_least_sigma: float = Field(default=8.0, gt=0, description="Matched SNR from which a stripe is reported.")
    stripe_least_length_km: float = Field(default=10.0, gt=0, description="Shortest stripe (km).")
    stripe_least_top_km: float = Field(
        default=140.0,
        gt=0,
        description="A stripe rises at least to this altitude; below it is structure of thin layers (km).",
    )
    stripe_clear_km: float = Field(
        default=135.0, gt=0, description="Thin sporadic layers lie below this altitude (km)."
    )
    stripe_least_clear_sigma: float = Field(
        default=6.0, gt=0, description="Matched SNR that the part of a stripe above stripe_clear_km needs."
    )
    stripe_clear_of_waves_km: float = Field(
        default=150.0, gt=0, description="Waves of thin layers, which look like flat stripes, lie below this (km)."
    )
    stripe_taller_than_waves_km: float = Field(
        default=30.0, gt=0, description="Height from which a bright stripe is no wave of a thin layer (km)."
    )
    stripe_foot_sigma: float = Field(
        default=20.0, gt=0, description="Matched SNR from which a short stripe below stripe_clear_km is believed."
    )
    stripe_foot_slowness_s_per_km: float = Field(
        default=6.0, gt=0, description="Largest slowness, both signs, of a stripe among the thin layers (s/km)."
    )
    stripe_foot_width_s: float = Field(
        default=110.0, gt=0, description="Largest width of a stripe among the thin layers (s)."
    )
    stripe_rounds: int = Field(default=4, ge=1, description="Rounds of search, fit and removal.")
    stripe_least_width_s: float = Field(
        default=2.5, ge=0, description="Full width at half maximum below which a fit is taken for failed (s)."
    )
    stripe_longest_width_s: float = Field(
        default=1500.0, gt=0, description="Full width at half maximum above which light is a cloud, not a stripe (s)."
    )
    stripe_most_candidates: int = Field(default=80, ge=1, description="Most lines that a round of the search fits.")
    stripe_end_density_share: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="Share of a stripe's density that a row beyond its ends is expected to show.",
    )
    stripe_end_floor: float = Field(
        default=0.3, gt=0, le=1, description="Least density of a bright stripe's row, as a share of the mean."
    )
    stripe_end_sigma: float = Field(
        default=1.5, gt=0, description="A row of a stripe is not taken for fainter than this many sigma."
    )
    stripe_body_share: float = Field(
        default=0.5, ge=0, lt=1, description="Density above a bright foot, at most, as a share of the mean below."
    )
    stripe_body_loss: float = Field(
        default=15.0, ge=0, description="Log likelihood that a faint part above a foot must gain to belong to it."
    )
    stripe_end_rounds: int = Field(
        default=2, ge=1, description="Rounds of finding the ends and fitting between them."
    )
    stripe_merge_gap_km: float = Field(
        default=25.0, ge=0, description="Longest gap between pieces of one stripe (km)."
    )
    stripe_merge_slots: float = Field(
        default=1.5, ge=0, description="How far a piece may lie off the line of another, profiles."
    )
    stripe_merge_widths: float = Field(default=0.3, ge=0, description="The same, in widths.")
    stripe_unlike_sigma: float = Field(
        default=50.0, gt=1, description="Ratio of significances up to which pieces are joined."
    )
    stripe_side_contrast: float = Field(
        default=0.4, ge=0, le=1, description="Light that must be less on both sides of a stripe, in its own light."
    )
    stripe_side_sigma: float = Field(default=1.5, ge=0, description="Errors of that contrast that it may lack.")
    stripe_upright_widths: float = Field(
        default=1.0, ge=0, description="Slant over its height, in widths, up to which a stripe is upright."
    )
    stripe_gain_error: float = Field(default=0.1, gt=0, description="Error of a single profile's gain.")
    stripe_beside_profile_sigma: float = Field(
        default=4.0,
        ge=0,
        description="Significance of an upright stripe beside an offset and a gain of its profiles.",
    )
    stripe_beside_profile_share: float = Field(
        default=0.12, ge=0, lt=1, description="What it must add to these, as a share of all that is explained."
    )
    stripe_hook_share: float = Field(
        default=0.5, ge=0, lt=1, description="Longest foot of a stripe, as a share of its height."
    )
    stripe_hook_top_km: float = Field(default=165.0, gt=0, description="Trails turn round below this altitude (km).")
    stripe_hook_gap_km: float = Field(
        default=8.0, ge=0, description="Longest gap between a stripe and its foot (km)."
    )
    stripe_hook_inside: float = Field(
        default=0.2, ge=0, lt=1, description="How far the middle of a foot may lie inside the stripe, a share of it."
    )
    stripe_hook_widths: float = Field(
        default=1.0, ge=0, description="Distance of a foot from a stripe's end, widths."
    )
    stripe_ridge_rows: int = Field(
        default=15, ge=3, description="Altitudes at which a stripe is asked for a maximum in time."
    )
    stripe_saddle: float = Field(
        default=0.05, ge=0, lt=1, description="Least fall of the light between two stripes, of the fainter crest."
    )
    stripe_ridge_share: float = Field(default=0.5, gt=0, le=1, description="Share of these that must have one.")
    stripe_merge_loss: float = Field(
        default=9.0, ge=0, description="Log likelihood that one stripe may explain less than two pieces."
    )
    stripe_merge_loss_share: float = Field(
        default=0.008, ge=0, description="Share of the log likelihood of two pieces that one stripe may lose besides."
    )
    stripe_break_share: float = Field(
        default=0.5,
        gt=0,
        description="Share of the log likelihood that two pieces need which a break must promise before it is tried.",
    )
    stripe_misfit_rows: int = Field(
        default=4, ge=1, description="Rows of a block whose shift in time is compared with the stripe's line."
    )
    stripe_least_blocks: int = Field(default=3, ge=3, description="Blocks from which their scatter says something.")
    stripe_least_scatter: float = Field(
        default=0.02, ge=0, description="Scatter of the blocks about a stripe's line, at least, in widths."
    )
    stripe_shape_widths: float = Field(
        default=0.08, ge=0, description="Error of a slowness from a stripe's uneven shape, in widths over its height."
    )
    stripe_shape_bend: float = Field(
        default=0.07, ge=0, description="The same, as a share of the change of slope between its ends."
    )
    stripe_joint_most: int = Field(default=10, ge=2, description="Most stripes that are fitted together.")
    stripe_joint_steps: int = Field(
        default=4, ge=1, description="Steps of the joint fit of stripes whose light overlaps."
    )
    stripe_blend_share: float = Field(
        default=0.3,
        gt=0,
        le=1,
        description="What a row counts for the error of the slowness where the light may be a neighbour's.",
    )
    stripe_steep_profiles: float = Field(
        default=1.5,
        gt=0,
        description="Slant over a stripe's height, in profiles, below which its slowness comes from the posterior.",
    )
    stripe_steep_points: int = Field(default=25, ge=5, description="Slownesses at which that posterior is evaluated.")
    stripe_search_margin_slots: int = Field(
        default=30, ge=1, description="Profiles on both sides of the stripes found that are searched again."
    )
    stripe_mask_share: float = Field(
        default=0.02,
        gt=0,
        description="Cells where a stripe exceeds this share of the background are left out of it.",
    )
    stripe_fit_rounds: int = Field(default=12, ge=3, description="Most steps of a fit.")
    stripe_prior_width_s: float = Field(
        default=20.0, gt=0, description="Full width at half maximum that the prior of the width is centred at (s)."
    )
    stripe_prior_width_spread: float = Field(default=1.0, gt=0, description="Spread of ln width in its prior.")
    stripe_prior_curvature: float = Field(
        default=0.002, gt=0, description="Spread of the curvature d2t/dz2 / 2 in its prior (s/km^2)."
    )
    stripe_prior_widening_per_km: float = Field(
        default=0.005, gt=0, description="Spread of d ln width / dz in its prior (1/km)."
    )
    stripe_shape_sigma: float = Field(
        default=15.0, gt=0, description="Significance from which curvature and widening are fitted."
    )
    stripe_bend_borne: float = Field(
        default=0.8,
        gt=0,
        lt=1,
        description="Variance of a curvature over that of its prior from which the prior stays.",
    )
    stripe_bend_sigma: float = Field(
        default=4.0, gt=0, description="Standard errors from which a curvature is taken for real."
    )
    stripe_kink_length: float = Field(
        default=0.85,
        gt=0,
        lt=1,
        description="A bent stripe whose better half grows to less than this share of it is cut.",
    )
    stripe_straight_bottom_km: float = Field(
        default=133.0,
        gt=0,
        description="A stripe flares below this altitude; a long one's slowness is fitted above (km).",
    )
    stripe_straight_least_km: float = Field(
        default=20.0, gt=0, description="Height above stripe_straight_bottom_km that the slowness needs (km)."
    )
    stripe_flare_sigma: float = Field(
        default=2.5,
        ge=0,
        description="Difference of slowness with and without the part below from which it is a flare (sigma).",
    )
    stripe_knot_sigma: float = Field(
        default=10.0, gt=0, description="Significance that each knot of the density needs."
    )
    stripe_knot_km: float = Field(
        default=25.0, gt=0, description="Smallest distance of the knots of the density (km)."
    )
    reaches_main_layer_km: float = Field(
        default=118.0,
        gt=0,
        description="A stripe with its lower end below this altitude reaches the main layer (km).",
    )
    group_gap_minutes: float = Field(
        default=25.0, gt=0, description="Stripes of a group follow within this time (min)."
    )
    group_slowness_s_per_km: float = Field(
        default=1.5, gt=0, description="Spread of slowness allowed inside a group of parallel stripes (s/km)."
    )
    profile_step_km: float = Field(default=10.0, gt=0, description="Step of width and density along a stripe (km).")

    # ---- connection
    connection_gap_minutes: float = Field(
        default=10.0, ge=0, description="Stripes that reach the main layer within this time are one connection (min)."
    )
    detached_km: float = Field(
        default=125.0, gt=0, description="A cloud that stays above this altitude is detached (km)."
    )
    merge_slowest_m_s: float = Field(
        default=2.0, gt=0, description="A lower edge that comes down slower than this does not merge (m/s)."
    )
    merge_fastest_m_s: float = Field(
        default=35.0, gt=0, description="A lower edge that comes down faster than this is no cloud's (m/s)."
    )
    merge_speeds: int = Field(default=16, ge=2, description="Speeds tried, from the slowest to the fastest.")
    merge_band_km: float = Field(
        default=24.0, gt=0, description="Height above the main layer over which a lower edge is followed (km)."
    )
    merge_reach_km: float = Field(
        default=15.0, gt=0, description="Height above the lowest light whose largest density defines the edge (km)."
    )
    merge_edge_sigma: float = Field(
        default=4.0, gt=0, description="Significance of the lowest light of three rows and profiles (sigma)."
    )
    merge_tolerance_km: float = Field(
        default=3.0, gt=0, description="Largest distance of an edge from the line of a descent (km)."
    )
    merge_arrived_km: float = Field(
        default=4.0, gt=0, description="An edge this far above the main layer is at the layer (km)."
    )
    merge_bridge_km: float = Field(
        default=3.0, gt=0, description="Most that the line of a descent counts between two edges on it (km)."
    )
    merge_least_descent_km: float = Field(
        default=8.0, gt=0, description="Descent along a line, less that beside which edges lie off it (km)."
    )
    merge_least_profiles: int = Field(default=5, ge=2, description="Fewest profiles with an edge on the line.")
    merge_lowest_edge_km: float = Field(
        default=12.0, gt=0, description="An edge is seen on the line down to this height above the main layer (km)."
    )
    merge_gap_minutes: float = Field(
        default=10.0,
        gt=0,
        description="Longest time without light before the arrival, and until light at the main layer follows (min).",
    )
    merge_least_arrived: int = Field(
        default=2, ge=1, description="Fewest profiles with light at the main layer after the arrival."
    )
    merge_left_share: float = Field(
        default=0.15, gt=0, lt=1, description="A cloud is down when less than this share of its density is left."
    )
    merge_tall_km: float = Field(
        default=60.0,
        gt=0,
        description="A stripe this far above the main layer is no piece of a cloud that merges (km).",
    )
    cloud_least_rise_km: float = Field(
        default=8.0,
        ge=0,
        description="Height above the main layer's top that a component must reach to be a cloud (km).",
    )
    noise_floor_altitude_km: float = Field(
        default=250.0, gt=0, description="Altitude of the stated noise floor (km)."
    )
