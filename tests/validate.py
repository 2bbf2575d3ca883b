"""`make validate`: the long statistical checks of all stages, one after the other; each writes its JSON.

    python -m tests.validate [STAGE ...]

Results go to results/validate/<stage>.json. Exit code 1 if one of them fails.
"""

from __future__ import annotations

import subprocess
import sys

STAGES = ("ingest", "detect", "derive", "claims", "claims.reduced", "supplements")


def main(stages: list[str]) -> int:
    """Run the checks of some stages, or of all."""
    failed = []
    for stage in stages or STAGES:
        out = f"results/validate/{stage}.json"
        print(f"== {stage}: {out}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.{stage}.validate", out], check=False).returncode:
            failed.append(stage)
    print(f"failed: {', '.join(failed)}" if failed else "all passed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
