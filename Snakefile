include: "workflow/Snakefile"


# The target of a bare `snakemake`: an included file cannot set it.
rule run:
    default_target: True
    input:
        rules.all.input,
    message:
        "all products of the run"
