#!/usr/bin/env python3
"""Runs trainings, sweeps and pipelines on the portal from a terminal.

One file, Python 3.9 or newer, no packages (PyYAML for YAML files).

    python portal.py submit job.yaml --code . --follow    pack a folder, run it, show its log, end with its exit code
    python portal.py sweep sweep.yaml --code . --follow   many trainings with parameters from a space; prints the best
    python portal.py pipeline nightly.yaml -p day=3 -f    save a pipeline and run it; or its name, to run it again
    python portal.py jobs                                 the newest trainings
    python portal.py logs ID -f                           the log of one, while it runs
    python portal.py follow ID                            a training, a sweep or a pipeline run until it ends
    python portal.py show ID                              how it stands and what came of it, as JSON on standard output
    python portal.py cancel ID                            end it

It ends with 0 when what it followed is done, 1 when that failed (a training: the code of its command), 130 when it was
cancelled, and 2 when the portal refused; the reason is on standard error.

The token comes from PORTAL_TOKEN or MLFLOW_TRACKING_TOKEN, the address from PORTAL_URL or MLFLOW_TRACKING_URI.
"""

from __future__ import annotations

import argparse
import os
import sys

from training.programs.client.anything import cancel, follow, show
from training.programs.client.pipelines import pipeline
from training.programs.client.sweeps import sweep
from training.programs.client.talking import CANCELLED, REFUSED, Portal, Refused, say
from training.programs.client.trainings import jobs, logs, submit


def arguments() -> argparse.ArgumentParser:
    """The words that are understood."""
    parser = argparse.ArgumentParser(
        prog="portal", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    one = commands.add_parser("submit", help="ask for a training")
    one.add_argument("job", help="a specification as YAML or JSON; - for standard input")
    _asking(one, "show the log, end with the code of the command")
    _parameters(one)
    one.set_defaults(does=submit)
    one = commands.add_parser("sweep", help="ask for many trainings")
    one.add_argument("file", help="a specification of a sweep as YAML or JSON; - for standard input")
    _asking(one, "tell of each trial, end when the sweep is over")
    one.add_argument("--trials", type=int, metavar="N", help="so many trials in all")
    one.set_defaults(does=sweep)
    one = commands.add_parser("pipeline", help="run a pipeline")
    one.add_argument(
        "pipeline", help="its file, which is saved first (- for standard input), its name or its id"
    )
    _asking(one, "tell of each step, end when the run is over")
    _parameters(one)
    one.add_argument("--name", help="of the pipeline that is saved; the name of the file unless said")
    one.add_argument("--no-cache", action="store_true", help="let no earlier training stand for a step")
    one.set_defaults(does=pipeline)
    _listing(commands.add_parser("jobs", help="list trainings"))
    _by_id(commands)
    return parser


def _asking(one: argparse.ArgumentParser, following: str) -> None:
    one.add_argument("--code", metavar="FOLDER", help="send this folder as the code")
    one.add_argument("--workspace")
    one.add_argument("--follow", "-f", action="store_true", help=following)


def _parameters(one: argparse.ArgumentParser) -> None:
    one.add_argument("--parameter", "-p", action="append", default=[], metavar="NAME=VALUE")


def _listing(one: argparse.ArgumentParser) -> None:
    one.add_argument("--workspace")
    one.add_argument("--number", "-n", type=int, default=20)
    one.set_defaults(does=jobs)


def _by_id(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    one = commands.add_parser("logs", help="show a log")
    one.add_argument("id")
    one.add_argument("-f", "--follow", action="store_true")
    one.set_defaults(does=logs)
    for name, does, told in (
        ("follow", follow, "follow a training, a sweep or a pipeline run"),
        ("show", show, "show what came of it"),
        ("cancel", cancel, "end it"),
    ):
        one = commands.add_parser(name, help=told)
        one.add_argument("id")
        one.set_defaults(does=does)
        if name == "show":
            one.add_argument("--json", action="store_true", help="all that the portal says of it")
        if name == "cancel":
            one.add_argument("--reason", default="Cancelled from a terminal.")


def main(words: list[str] | None = None) -> int:
    """Do what the words say; the exit code."""
    options = arguments().parse_args(words)
    try:
        return int(options.does(Portal(), options))
    except BrokenPipeError:  # whoever reads along has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANCELLED
    except (Refused, OSError) as no:
        say(f"portal: {no}")
        return REFUSED
    except KeyboardInterrupt:
        say("portal: it goes on; follow or cancel it with its id")
        return CANCELLED


if __name__ == "__main__":
    sys.exit(main())
