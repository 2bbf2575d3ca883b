# Small tables: a second each.
localrules:
    nights,
    monthly,
    correlation,
    beta,
    density_profile,


rule columns:
    input:
        lidar=batch_indices("lidar"),
        lidar_nights=night_folders("lidar"),
        detect=batch_indices("lidar", "detect"),
        detect_nights=night_folders("lidar", "detect"),
    output:
        columns=f"{RUN_DIR}/derive/columns.csv",
        nightly_density=f"{RUN_DIR}/derive/nightly_density.nc",
    log:
        f"{RUN_DIR}/logs/columns.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/columns.tsv"
    threads: all_cores
    resources:
        mem_mb=800,
        runtime=30,
    params:
        code=code("columns"),
        settings=section("derive")["columns"],
    message:
        "columns: column density, centroid and width of the main layer of each night"
    script:
        "../scripts/columns.py"


rule nights:
    input:
        detected=f"{RUN_DIR}/detect/nights.csv",
        columns=f"{RUN_DIR}/derive/columns.csv",
    output:
        nights=f"{RUN_DIR}/derive/nights.csv",
        by_year=f"{RUN_DIR}/derive/occurrence_by_year.csv",
        threshold=f"{RUN_DIR}/derive/clear_threshold.csv",
    log:
        f"{RUN_DIR}/logs/nights.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/nights.tsv"
    threads: 1
    resources:
        mem_mb=400,
        runtime=5,
    params:
        code=code("nights"),
        settings=section("derive")["occurrence"],
    message:
        "nights: a row a night, counts by year and against the threshold"
    script:
        "../scripts/nights.py"


rule monthly:
    input:
        nights=f"{RUN_DIR}/derive/nights.csv",
        columns=f"{RUN_DIR}/derive/columns.csv",
        nightly_density=f"{RUN_DIR}/derive/nightly_density.nc",
    output:
        monthly=f"{RUN_DIR}/derive/monthly.csv",
        density=f"{RUN_DIR}/derive/monthly_density.nc",
    log:
        f"{RUN_DIR}/logs/monthly.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/monthly.tsv"
    threads: 1
    resources:
        mem_mb=400,
        runtime=5,
    params:
        code=code("monthly"),
        settings=section("derive")["occurrence"],
        p_false=section("detect")["p_false"],
    message:
        "monthly: occurrence and mean columns of calendar months"
    script:
        "../scripts/monthly.py"


rule correlation:
    input:
        nights=f"{RUN_DIR}/derive/nights.csv",
        monthly=f"{RUN_DIR}/derive/monthly.csv",
    output:
        f"{RUN_DIR}/derive/correlation.csv",
    log:
        f"{RUN_DIR}/logs/correlation.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/correlation.tsv"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code("correlation"),
        settings=section("derive")["correlation"],
    message:
        "correlation: clouds and columns, by month and night by night"
    script:
        "../scripts/correlation.py"


rule beta:
    input:
        stripes=f"{RUN_DIR}/detect/stripes.csv",
        nights=f"{RUN_DIR}/detect/nights.csv",
        detect=batch_indices("lidar", "detect"),
        detect_nights=night_folders("lidar", "detect"),
        wind=batch_indices("fpi"),
        wind_nights=night_folders("fpi"),
        own_cases=own_cases,
    output:
        beta=f"{RUN_DIR}/derive/beta.csv",
        pair=f"{RUN_DIR}/derive/stripe_pair.csv",
        steps=f"{RUN_DIR}/derive/wind_steps.csv",
    log:
        f"{RUN_DIR}/logs/beta.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/beta.tsv"
    threads: 1
    resources:
        mem_mb=400,
        runtime=5,
    params:
        code=code("beta"),
        cases=cases,
        settings=section("derive")["beta"],
        trail=section("trail"),
    message:
        "beta: zenith angle of each stripe, the two marked stripes"
    script:
        "../scripts/beta.py"


rule stripe_feet:
    input:
        stripes=f"{RUN_DIR}/detect/stripes.csv",
        lidar=case_files("lidar", "ingest/lidar/batches/cases.json"),
        lidar_nights=case_folders("lidar", "ingest/lidar/cases"),
        detect=case_files("lidar", "detect/batches/cases.json"),
        detect_nights=case_folders("lidar", "detect/cases"),
    output:
        feet=f"{RUN_DIR}/derive/stripe_feet.csv",
        maxima=f"{RUN_DIR}/derive/layer_maxima.csv",
    log:
        f"{RUN_DIR}/logs/stripe_feet.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/stripe_feet.tsv"
    threads: 1
    resources:
        mem_mb=800,
        runtime=10,
    params:
        code=code("stripe_feet"),
        settings=section("derive")["feet"],
    message:
        "stripe_feet: stripes and main layer of the case nights, from n(t, z)"
    script:
        "../scripts/stripe_feet.py"


rule density_profile:
    input:
        indices=package_file("data/space_weather_2020_2022.csv"),
        own_cases=own_cases,
    output:
        profile=f"{RUN_DIR}/derive/density_profile.csv",
        factors=f"{RUN_DIR}/derive/density_factors.csv",
    log:
        f"{RUN_DIR}/logs/density_profile.log",
    benchmark:
        f"{RUN_DIR}/benchmarks/density_profile.tsv"
    threads: 1
    resources:
        mem_mb=400,
        runtime=5,
    params:
        code=code("density_profile"),
        settings=section("derive")["atmosphere"],
        nights=case_nights,
        night=enlarged_night,
        site=lidar_site(),
    message:
        "density_profile: NRLMSISE-00 above the lidar"
    script:
        "../scripts/density_profile.py"
