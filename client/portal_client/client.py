"""The client: where the portal is, who calls, and the groups of operations."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from portal_client.calls import Calls
from portal_client.errors import error_of
from portal_client.operations import Operations
from portal_client.runs import Runs

VERSION = "1.0.0"


class Client(Operations):
    """Calls the portal at `url` with a token of yours; both come from the variables of MLflow's client unless given.

    Operations are grouped by app: `client.jobs.job_list()`. Lists are iterators over all pages. Refusals are raised as
    `PortalError`, whose `code` is stable.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 60.0,
        verify: bool | str = True,
    ) -> None:
        address = url or os.environ.get("MLFLOW_TRACKING_URI", "")
        secret = token or os.environ.get("MLFLOW_TRACKING_TOKEN", "")
        if not address.startswith(("http://", "https://")):
            raise ValueError("Say where the portal is: Client('https://…'), or set MLFLOW_TRACKING_URI.")
        self.http = httpx.Client(
            base_url=address.rstrip("/"), timeout=timeout, verify=verify,
            headers={"Authorization": f"Bearer {secret}", "User-Agent": f"portal-client/{VERSION}"},
        )  # fmt: skip
        self.calls = Calls(self.http)
        super().__init__(self.calls)

    def runs(self, experiment: str | int, *, filter: str = "", order_by: str = "", limit: int = 1000) -> Runs:
        """Runs of an experiment, by its name or id, with MLflow's filter: an iterable, a table, a chart."""
        return Runs(self.calls, experiment, filter=filter, order_by=order_by, limit=limit)

    def save(self, address: str, to: str | Path, *, format: str = "csv", **query: Any) -> Path:
        """Save a whole list, such as `/api/v1/jobs`, as a file of the form csv, ndjson or parquet."""
        target = Path(to)
        with self.http.stream("GET", address, params={**query, "format": format}) as answer:
            if not answer.is_success:
                answer.read()
                raise error_of(answer)
            with target.open("wb") as file:
                for part in answer.iter_bytes():
                    file.write(part)
        return target

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
