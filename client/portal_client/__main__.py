"""Batch scoring from a shell: `python -m portal_client score …`, and `scoring ID` for one that was asked for."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from uuid import UUID

import httpx

from portal_client.client import Client
from portal_client.errors import PortalError
from portal_client.models import ScoringOutput

LOOK_SECONDS = 2.0
DONE, REFUSED, FAILED = 0, 1, 3
_HOW = ("wait", "json", "act", "id")


def main(given: Sequence[str] | None = None) -> int:
    """Do what is asked; 0 where it is done or on its way, 1 where it is refused, 3 where the scoring failed."""
    asked = _arguments().parse_args(given)
    try:
        with Client() as client:
            found = (
                _begun(client, asked) if asked.act == "score" else client.deployments.scoring_read(asked.id)
            )
            while asked.wait and found.ended_at is None:
                time.sleep(LOOK_SECONDS)
                found = client.deployments.scoring_read(found.id)
    except PortalError as no:
        return _refused(str(no), *_where(no))
    except (ValueError, httpx.HTTPError) as error:
        return _refused(f"The portal cannot be asked: {error}")
    said = json.dumps(dataclasses.asdict(found), default=str) if asked.json else _said(found)
    sys.stdout.write(f"{said}\n")
    return FAILED if found.ended_at is not None and found.result is None else DONE


def _refused(*lines: str) -> int:
    sys.stderr.writelines(f"{line}\n" for line in lines)
    return REFUSED


def _begun(client: Client, asked: argparse.Namespace) -> ScoringOutput:
    wanted = {name: each for name, each in vars(asked).items() if name not in _HOW and each is not None}
    return client.deployments.scoring_begin(**wanted)


def _said(found: ScoringOutput) -> str:
    what = (
        f"Scoring {found.id} of {found.dataset} v{found.dataset_version} with {found.model} v{found.version}"
    )
    if found.result is not None:
        return f"{what} made {found.result} v{found.result_version}."
    return f"{what} is {found.state}." + (f" {found.job_reason}" if found.job_reason else "")


def _where(no: PortalError) -> list[str]:
    """Where what is missing can be asked for, such as an approval."""
    return [str(no.extra["url"])] if no.extra.get("url") else []


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m portal_client",
        epilog="MLFLOW_TRACKING_URI says where the portal is, MLFLOW_TRACKING_TOKEN who asks.",
    )
    acts = parser.add_subparsers(dest="act", required=True)
    score = acts.add_parser("score", help="score a version of a dataset with a version of a model")
    score.add_argument("--workspace", required=True)
    score.add_argument("--dataset", required=True)
    score.add_argument("--dataset-version", type=int, help="without it the newest")
    score.add_argument("--model", help="with --version; or name an --endpoint")
    score.add_argument("--version", type=int)
    score.add_argument("--endpoint", help="score with what it serves most requests with now")
    score.add_argument(
        "--environment", choices=("dev", "staging", "prod"), help="whose rules hold; dev unless given"
    )
    score.add_argument("--output", help="name of the result: <dataset>-scored unless given")
    score.add_argument("--prediction", help="name of the new column")
    score.add_argument("--keep", nargs="+", metavar="COLUMN", help="columns that stand beside the prediction")
    score.add_argument("--rows-per-part", type=int)
    score.add_argument("--memory-mb", type=int)
    score.add_argument("--reason")
    one = acts.add_parser("scoring", help="how one is getting on")
    one.add_argument("id", type=UUID)
    for each in (score, one):
        each.add_argument("--wait", action="store_true", help="until it has ended")
        each.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
