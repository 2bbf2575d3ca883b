"""`make mutants`: small wrong changes of the code, one at a time; the tests of the module have to fail.

What came of each change is kept in results/faults/mutants.json, so that the work can be done in parts: what was
killed is not tried again while its module stays as it is, what survived is tried again once a test has changed.
The counts are on docs/faults.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.mutation.changes import Site, changed, sites
from tests.mutation.targets import EQUIVALENT, TARGETS
from tests.mutation.trial import OUT_OF_TIME, PASSED, SRC, load_libraries, try_change

RESULTS = Path("results/faults/mutants.json")
SEED, COUNT = 1, 300
# A changed loop may have no end: so many times as long as the unchanged code, and so many seconds.
TIMES, MORE_S = 5.0, 20.0


def sample(count: int, seed: int = SEED) -> list[Site]:
    """Changes drawn from all that the targets allow, each as likely; what is drawn stays so when others change."""
    drawn = []
    for module in TARGETS:
        seen: Counter[str] = Counter()
        for site in sites(module, _source(module)):
            seen[site.name] += 1
            rank = hashlib.sha256(f"{seed} {site.name} {seen[site.name]}".encode()).hexdigest()
            drawn.append((rank, site))
    return [site for _, site in sorted(drawn, key=lambda pair: pair[0])[:count]]


def _source(module: str) -> str:
    return (SRC / f"{module}.py").read_text(encoding="utf-8")


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _known(module: str) -> tuple[str, str]:
    """Hashes of a module and of its tests."""
    return _hash(_source(module)), _hash(
        *(Path(test.split("::")[0]).read_text(encoding="utf-8") for test in TARGETS[module])
    )


def is_settled(before: dict[str, Any] | None, code: str, tests: str) -> bool:
    """Whether what is known of a change still holds."""
    if before is None or before["code"] != code:
        return False
    return before["killed"] or before["tests"] == tests


def unchanged(module: str) -> float:
    """Time of a module's tests without a change, s; what fails then would kill every change."""
    trial = try_change(module, _source(module), TARGETS[module], 600.0)
    if trial.code != PASSED:
        raise SystemExit(f"{module}: its tests fail without any change ({trial.code}): {trial.said}")
    print(f"{module}: {trial.seconds:.1f} s of processor time unchanged: {trial.said}", flush=True)
    return trial.seconds


def work(module: str, of_it: list[Site], results: dict[str, Any], end: float) -> None:
    """Try the changes of one module that are not settled."""
    code, tests = _known(module)
    left = [site for site in of_it if not is_settled(results.get(_key(site)), code, tests)]
    if not left or time.monotonic() > end:
        return
    longest = TIMES * unchanged(module) + MORE_S
    for site in left:
        if time.monotonic() > end:
            return
        trial = try_change(module, changed(_source(module), site), TARGETS[module], longest)
        results[_key(site)] = {
            "module": module, "line": site.line, "change": site.name, "killed": trial.code != PASSED, "code": code,
            "tests": tests, "how": "no end" if trial.code == OUT_OF_TIME else trial.said[-120:],
        }  # fmt: skip
        if trial.code == PASSED:
            print(f"  survives: {site.line}: {site.name} ({trial.seconds:.1f} s)", flush=True)
        _write(results)


def _key(site: Site) -> str:
    return f"{site.module}:{site.line}:{site.node}:{site.choice}"


def _write(results: dict[str, Any]) -> None:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def summary(drawn: list[Site], results: dict[str, Any]) -> dict[str, Any]:
    """Of each module: changes tried, killed, and those that change nothing; then what survives, with the reasons."""
    modules: dict[str, list[int]] = {}
    alive = []
    for site in drawn:
        if (one := results.get(_key(site))) is None:
            continue
        counts = modules.setdefault(site.module, [0, 0, 0])
        why = EQUIVALENT.get(site.name, "")
        for place, more in enumerate((True, one["killed"], not one["killed"] and bool(why))):
            counts[place] += more
        if not one["killed"]:
            alive.append([site.name, why])
    tried = sum(counts[0] for counts in modules.values())
    return {"tried": tried, "drawn": len(drawn), "modules": dict(sorted(modules.items())), "alive": sorted(alive)}


def main() -> int:
    """Try what the time allows, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="changes in the sample")
    parser.add_argument("--minutes", type=float, default=60.0, help="time of this part")
    parser.add_argument("--module", nargs="*", default=[], help="words of the modules' names (default: all)")
    parser.add_argument("--list", action="store_true", help="write what is known, and try nothing")
    options = parser.parse_args()
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    drawn = sample(options.count)
    asked = {_key(site): site.name for site in sample(max(options.count, COUNT))}
    results = {key: one for key, one in results.items() if one["change"] == asked.get(key)}
    if not options.list:
        load_libraries()
        end = time.monotonic() + 60.0 * options.minutes
        for module in TARGETS:
            if not options.module or any(word in module for word in options.module):
                work(module, [site for site in drawn if site.module == module], results, end)
    content = summary(drawn, results)
    # Not before: the children must not have the library loaded.
    from tests.faults.page import keep, of_mutants

    keep("mutants", content)
    print("\n".join(of_mutants(content)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
