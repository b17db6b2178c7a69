"""Writes what models are asked: the rows without the right answers. Usage: ask.py REQUEST REPORT.

The request is JSON with `data`, `models` (name to folder), `questions` (the folder to write), `asked` and `seed`.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from rows import columns_of, rows_of

MAIN, CHANGED = "rows", "changed"


def main():
    request = json.loads(Path(sys.argv[1]).read_text())
    report, asked = Path(sys.argv[2]), request["asked"]
    try:
        table = rows_of(request["data"], asked["target"])
        plan = asked_of(request, table, Path(request["questions"]))
    except Exception as error:
        report.write_text(json.dumps({"problem": str(error)[:800]}))
        return
    report.write_text(json.dumps({"rows": len(table), "subjects": list(plan)}))


def asked_of(request, table, folder):
    """Write the tables and the plan: of each model the columns that it takes, and which tables it answers."""
    asked, target = request["asked"], request["asked"]["target"]
    plan = {
        name: {"columns": columns_of(place, table, target), "tables": [MAIN]}
        for name, place in request["models"].items()
    }
    written(table.drop(columns=[target]), folder / f"{MAIN}.parquet")
    if asked["explain"]:
        changed = changed_rows(table[plan["model"]["columns"]], request["seed"])
        if changed is not None:
            written(changed, folder / f"{CHANGED}.parquet")
            plan["model"]["tables"].append(CHANGED)
    (folder / "plan.json").write_text(json.dumps(plan))
    return plan


def changed_rows(features, seed):
    """All rows that the explanation asks about, in its order; None where it cannot be made, as measuring will find."""
    from explaining import explained  # takes seconds to load

    seen = []

    def noted(rows):
        seen.append(rows)
        return np.zeros(len(rows))

    try:
        explained(noted, features, seed)
    except Exception:
        return None
    return pd.concat(seen, ignore_index=True)


def written(table, path):
    """A table that has words and numbers in one column is written with words."""
    mixed = [name for name in table.columns if table[name].dtype == object and is_mixed(table[name])]
    table.assign(
        **{name: table[name].where(table[name].isna(), table[name].astype(str)) for name in mixed}
    ).to_parquet(path, index=False)


def is_mixed(values):
    return values.dropna().map(type).nunique() > 1


if __name__ == "__main__":
    main()
