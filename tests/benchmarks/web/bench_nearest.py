"""How many questions a second `POST /api/v1/nearest` answers and how long the slowest wait; needs wrk.

    scripts/serve.py --port 8000 &
    python tests/benchmarks/web/bench_nearest.py http://127.0.0.1:8000 demo 120.20 27.31 120.23 27.34 --seconds 30

Positions are drawn anew for every question from the box of west, south, east and north [degrees].
"""

# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

SCRIPT = """
math.randomseed(tonumber(tostring(os.time()):reverse():sub(1, 6)))
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  local lon = %(west)f + math.random() * (%(east)f - %(west)f)
  local lat = %(south)f + math.random() * (%(north)f - %(south)f)
  local body = '{"city":"%(city)s","lon":%%.6f,"lat":%%.6f,"k":%(k)d}'
  return wrk.format(nil, nil, nil, string.format(body, lon, lat))
end
done = function(summary, latency, requests)
  io.write(string.format("p50 %%.1f ms  p95 %%.1f ms  p99 %%.1f ms  max %%.1f ms\\n", latency:percentile(50) / 1000,
    latency:percentile(95) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
  local lost = summary.errors
  local faults = lost.connect + lost.read + lost.write + lost.status + lost.timeout
  local seconds = summary.duration / 1e6
  io.write(string.format("%%d answers in %%.1f s: %%.0f a second; faults %%d\\n",
    summary.requests, seconds, summary.requests / seconds, faults))
end
"""


def main() -> None:
    """Run wrk and print its last lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("origin")
    parser.add_argument("city")
    for side in ("west", "south", "east", "north"):
        parser.add_argument(side, type=float)
    parser.add_argument("--k", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "ask.lua"
        script.write_text(SCRIPT % vars(options), encoding="utf-8")
        done = subprocess.run(
            [
                "wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--timeout", "10s",
                "-s", str(script), f"{options.origin}/api/v1/nearest",
            ],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    print("\n".join(line for line in done.stdout.splitlines() if re.match(r"p50|\d+ answers", line)))


if __name__ == "__main__":
    main()
