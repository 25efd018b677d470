"""A whole sync of unchanged key results, against what tomllib takes to parse their files.

    python -m benchmarks.sync_speed

Writes 10,000 key results in 200 mapping files over one CSV, syncs once, then times the second
sync: the real command line in a process of its own, start-up included. The same for 1,000 in 20
files, for the time per key result. Exits with 1 above a bar.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

BAR = 4.0
GROWTH_BAR = 1.2
PER_FILE = 50
OBJECTIVES = 10
TIMES = 3

CONFIG = """\
version = 1
timezone = "Europe/Stockholm"
mappings = ["mappings/*.toml"]

[store]
type = "local"

[source.sheet]
type = "csv"
path = "numbers.csv"
"""

OBJECTIVE = """
[objective.objective-{objective}]
title = "Customers of area {objective} stay because the product keeps getting better"
owner = "area-{objective}-lead"
"""

KEY_RESULT = """
[objective.objective-{objective}.kr.key-result-{number}]
title = "Weekly active teams in area {number} from 120 to 400"
owner = "area-{objective}-analyst"
baseline = 120
target = 400
from = "sheet"
where = "key == 'team-{file}-{number}'"
measure = "value"
agg = "last"
unit = "teams"
guard = {{ max_step = "40 %", allow_zero = false }}
"""


def write_project(folder: Path, files: int) -> None:
    (folder / "mappings").mkdir()
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    rows = ["key,value"]
    for file in range(files):
        text = f'version = 1\nteam = "team-{file}"\nperiod = "this_quarter"\n'
        for number in range(PER_FILE):
            objective, first = divmod(number, PER_FILE // OBJECTIVES)
            if first == 0:
                text += OBJECTIVE.format(objective=objective)
            text += KEY_RESULT.format(objective=objective, number=number, file=file)
            rows.append(f"team-{file}-{number},{121 + (file * 7 + number) % 250}")
        (folder / "mappings" / f"team-{file}.toml").write_text(text, encoding="utf-8")
    (folder / "numbers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def sync(folder: Path) -> None:
    command = [sys.executable, "-m", "okrsync", "sync", "--quiet", "--config", "config.toml"]
    subprocess.run(command, cwd=folder, check=True)


def parse(folder: Path) -> None:
    for file in sorted((folder / "mappings").glob("*.toml")):
        tomllib.loads(file.read_text(encoding="utf-8"))


def best(work: Callable[[Path], None], folder: Path) -> float:
    """Seconds of the quickest of a few tries: noise only ever adds."""
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        work(folder)
        taken.append(time.perf_counter() - begun)
    return min(taken)


def measure(files: int) -> tuple[float, float]:
    """Seconds of an unchanged sync and of tomllib alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder, files)
        sync(folder)
        return best(sync, folder), best(parse, folder)


def main() -> int:
    many, parsing = measure(200)
    few, _ = measure(20)
    ratio = many / parsing
    growth = (many / (200 * PER_FILE)) / (few / (20 * PER_FILE))
    print(f"sync of 10,000 unchanged key results  {many:6.2f} s")
    print(f"tomllib over the same 200 files       {parsing:6.2f} s")
    print(f"ratio                                 {ratio:6.2f}   bar {BAR}")
    print(f"time per key result, 10,000 to 1,000  {growth:6.2f}   bar {GROWTH_BAR}")
    return 0 if ratio <= BAR and growth <= GROWTH_BAR else 1


if __name__ == "__main__":
    sys.exit(main())
