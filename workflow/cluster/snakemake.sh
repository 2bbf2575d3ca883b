#!/usr/bin/env bash
# Snakemake on a SLURM cluster; arguments are those of snakemake. Run it from the project's folder, on a login node.
# A Snakemake that was killed leaves its jobs in the queue; they would write the files that this one makes, so they are
# cancelled first. Only jobs of this user, this folder and the profile's name prefix are; one Snakemake a folder.
set -euo pipefail
BIN=${BIN-.venv/bin/}
said=$(squeue --me --noheader 2>&1 >/dev/null) || {
  echo "PROFILE=slurm needs a SLURM that answers; squeue says: ${said:-nothing}" >&2
  echo "Go to a login node or load the cluster's module; leave PROFILE out to run on this machine." >&2
  exit 2
}
prefix=$(sed -n 's/^slurm-jobname-prefix: *//p' workflow/profiles/slurm/config.yaml)
here=$(pwd -P)
# Jobs of a run that is going on are no orphans.
"${PYTHON:-${BIN}python}" -m metalclouds.run_lock results
mine() { squeue --me --noheader --format='%i|%j|%Z' | awk -F'|' -v p="${prefix}_" -v d="$here" 'index($2, p) == 1 && $3 == d {print $1}'; }

orphans=$(mine)
dry=
for one in "$@"; do case $one in -n|--dry-run|--dryrun) dry=yes;; --) break;; esac; done
if [ -n "$orphans" ] && [ -n "$dry" ]; then
  echo "jobs that an interrupted run left behind, a real run would cancel them:" $orphans >&2
elif [ -n "$orphans" ]; then
  echo "cancelling jobs that an interrupted run left behind:" $orphans >&2
  scancel $orphans
  for _ in $(seq 60); do [ -z "$(mine)" ] && break; sleep 1; done
  [ -z "$(mine)" ] || { echo "they have not ended: see squeue --me" >&2; exit 1; }
fi
exec "${SNAKEMAKE:-${BIN}snakemake}" --nolock --workflow-profile workflow/profiles/slurm "$@"
