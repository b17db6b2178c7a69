"""MLflow's endpoints of datasets: the search over inputs of runs. Evaluation datasets are not served."""

from experiments.protocol import messages
from experiments.protocol.reading import values_of
from experiments.selectors.datasets import dataset_summaries
from experiments.validation.identifiers import experiment_ids_parse
from portal.api.call import Answer, Call, json_answer
from portal.api.protocol import Endpoint
from portal.kernel.mlflow_errors import FEATURE_DISABLED, ProtocolError, invalid_parameter

MAX_EXPERIMENTS = 20


def search(call: Call) -> Answer:
    ids = values_of(call, messages.SEARCH_DATASETS)["experiment_ids"]
    if not ids:
        raise invalid_parameter("SearchDatasets request must specify at least one experiment_id.")
    if len(ids) > MAX_EXPERIMENTS:
        raise invalid_parameter(
            f"SearchDatasets request cannot specify more than {MAX_EXPERIMENTS} experiment_ids. "
            f"Received {len(ids)} experiment_ids."
        )
    found = dataset_summaries(call.actor, experiment_ids_parse(ids))
    return json_answer({"dataset_summaries": found} if found else {})


def evaluation(call: Call) -> Answer:
    raise ProtocolError("Evaluation datasets are not enabled in this portal.", FEATURE_DISABLED)


_READ, _WRITE = "experiments.dataset.read", "experiments.run.log"

ENDPOINTS = [
    Endpoint("POST", "2.0/mlflow/experiments/search-datasets", search, _READ),
    Endpoint("GET", "3.0/mlflow/datasets/{rest:path}", evaluation, _READ),
    *(
        Endpoint(method, "3.0/mlflow/datasets/{rest:path}", evaluation, _WRITE)
        for method in ("POST", "PATCH", "DELETE")
    ),
]
