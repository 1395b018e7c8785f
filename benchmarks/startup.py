"""How long ``kedro`` takes to answer, beside the libraries that it must not import to do so.

    python benchmarks/startup.py [--repeats 5]

Prints the median seconds of each command and their ratio to ``import lightning, mlflow``.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).parents[1]
COMMANDS = {
    "import lightning, mlflow": [sys.executable, "-c", "import lightning.pytorch, mlflow"],
    "kedro --help": [sys.executable, "-m", "kedro", "--help"],
    "kedro registry list": [sys.executable, "-m", "kedro", "registry", "list"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    # In turn, so that a change in the machine's speed touches all alike; the first round warms up.
    for repeat in range(repeats + 1):
        for name, command in COMMANDS.items():
            started = time.perf_counter()
            subprocess.run(command, cwd=PROJECT, capture_output=True, check=True)
            if repeat:
                seconds[name].append(time.perf_counter() - started)
    reference = median(next(iter(seconds.values())))
    for name, values in seconds.items():
        print(f"{name:26} {median(values):6.2f} s   ratio {median(values) / reference:.2f}")


if __name__ == "__main__":
    main()
