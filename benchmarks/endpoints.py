"""Server time of the list of endpoints with live state: `python -m benchmarks.endpoints [--endpoints N]`.

Each endpoint has a model with two versions, two revisions and a split between them; every third one rolls out. An hour of
figures in steps of ten seconds lies beside them. The pages and the API are asked as a member asks, through Django alone.
"""

import argparse
import os
import subprocess
import sys

from benchmarks.servers import addresses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoints", type=int, default=100)
    parser.add_argument("--database", help="an empty database; without it a server is started for the run")
    parser.add_argument("--redis")
    options = parser.parse_args()
    with addresses(options.database, options.redis) as (database, redis):
        os.environ |= {
            "DATABASE_URL": database, "REDIS_URL": redis, "SECRET_KEY": "benchmark" * 8,
            "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        }  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], check=True)
        words = [sys.executable, "-m", "benchmarks.endpoints_pages", str(options.endpoints)]
        subprocess.run(words, check=True)


if __name__ == "__main__":
    main()
