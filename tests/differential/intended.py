"""Where the portal answers otherwise than stock on purpose, each with its reason.

An entry whose step does not differ any more fails the test, so that this list says what is true. Besides it,
`compare.py` names the four kinds of answers of stock that are no model for anybody.
"""

from dataclasses import dataclass

# Reasons that hold for many calls.
STRICT = (
    "A value of the wrong type or out of range is refused. Stock goes on with what its parser had read up to there:"
    " it stores a metric without its value, ignores a filter, or lists another experiment's runs."
)
FOLLOWS = "Shows what the refusals above it have kept out."
WORDED = (
    "Refused as by stock, in the portal's own words: stock's speak of its half-read message or its parser."
)
UNSEEN = (
    "What does not exist, or may not be seen, is 404 in every call; a reference to it is not stored either."
)
LENIENT = "Nothing is wrong with the call: stock fails on it in its database or parser."
SPELLING = (
    "Both spellings of a field name are read everywhere; stock's own check of required fields misses one."
)
PATHS = (
    "Refused as by stock, or one character more strictly: no backslash, `;`, empty or dotted part in a path."
)
PENDING = (
    "A version is READY when a job has read every byte of its files, and no job runs beside these calls. Stock takes"
    " whatever the source names as ready."
)
OWN_SOURCES = "Refused as by stock, in words that say what a source may be: files in the portal's own store."
TWIN = "Every endpoint is served under both prefixes; stock lost this one by a missing slash in its table."


@dataclass(frozen=True)
class Intended:
    """Steps of one sequence that differ for one reason: in the places named, or anywhere if none are named."""

    sequence: str
    notes: tuple[str, ...]
    reason: str
    places: frozenset[str] = frozenset()
    status: int | None = None  # of the portal's answer, where it differs

    def covers(self, note: str, place: str, portal: object) -> bool:
        """Whether a difference is one of those meant here."""
        if note not in self.notes:
            return False
        if place == "status" and self.status is not None:
            return portal == self.status
        return not self.places or place in self.places


def _strict(sequence: str, *notes: str) -> Intended:
    return Intended(sequence, notes, STRICT, status=400)


def _worded(sequence: str, *notes: str) -> Intended:
    return Intended(sequence, notes, WORDED, frozenset({"message"}))


def _unseen(sequence: str, *notes: str) -> Intended:
    return Intended(sequence, notes, UNSEEN, status=404)


def _taken(sequence: str, *notes: str, reason: str = LENIENT) -> Intended:
    return Intended(sequence, notes, reason, status=200)


def _follows(sequence: str, *notes: str) -> Intended:
    return Intended(sequence, notes, FOLLOWS)


def _paths(sequence: str, *notes: str) -> Intended:
    return Intended(sequence, notes, PATHS, status=400)


_STATUS_PLACES = frozenset(
    {
        "model_version.status",
        *(f"model_versions[{index}].status" for index in range(3)),
        *(f"registered_model.latest_versions[{index}].status" for index in range(2)),
    }
)


def _pending(sequence: str, *notes: str) -> Intended:
    return Intended(sequence, notes, PENDING, _STATUS_PLACES)


INTENDED: tuple[Intended, ...] = (
    _pending(
        "version life",
        "first",
        "second",
        "get",
        "describe",
        "get tagged",
        "by alias",
        "by latest",
        "model with aliases",
        "get with alias",
        "by alias moved",
        "latest",
        "latest by POST",
        "to production",
        "copy",
        "number four",
    ),
    _taken("version life", "archiving"),
    _follows("version life", "archived", "latest of stages"),
    Intended(
        "version sources",
        (
            "source '/etc'",
            "source 'file:///etc'",
            "source 'runs:/$run/../x'",
            "source 'runs:/$run/%2e%2e/x'",
            "source 'mlflow-artifacts:/../x'",
            "source 'models:/'",
            "source 'models:/a/b/c'",
            "source 'runs://host/$run/x'",
            "source 'http://h/../x'",
            "a prompt's tag",
            "a version of nobody",
        ),
        OWN_SOURCES,
        frozenset({"message"}),
    ),
    _unseen("version sources", "source 'mlflow-artifacts:/x'"),
    _worded(
        "registered model search",
        "filter name = 'a' OR name = 'b'",
        "filter name",
        "filter name =",
        "bad token",
    ),
    _pending(
        "version search",
        "one",
        "two",
        "three",
        "filter run_id = '$run' AND name = '$sequence m'",
        "filter run_id IN ('$run') AND version_number > 1",
        "filter name = '$sequence m' AND version_number = 2",
        "filter name = '$sequence m' AND version_number != '2'",
        "filter source_path = 'runs:/$run/model' AND name = '$sequence m'",
        "filter source_path LIKE 'runs:/$run%'",
        "filter tags.k = 'v' AND name = '$sequence m'",
        "filter name = '$sequence m' AND version_number <= 1",
        "order version_number DESC",
        "order name DESC",
        "order creation_timestamp ASC",
        "page",
        "page two",
    ),
    _strict("experiment search", "unknown view"),
    _strict("run life", "unknown status", "end too large"),
    _strict(
        "run create",
        "start time with a fraction",
        "start time too large",
        "user as number",
        "tag without key",
        "tag value as number",
        "tags as text",
        "tags of numbers",
    ),
    _strict("metric values", "value 'nan' 14", "value True 21", "value False 22"),
    _strict(
        "metric whole numbers",
        "step 9223372036854775808",
        "step -9223372036854775809",
        "step 10000000000000000000000000000000000000000",
        "step 1.5",
        "step True",
        "time 9223372036854775808",
        "time -9223372036854775809",
        "time 10000000000000000000000000000000000000000",
        "time 1.5",
        "time True",
    ),
    _strict(
        "batch wrong",
        "metric: text as value",
        "metric: boolean as value",
        "metric: time as word",
        "metric: time too large",
        "metric: step too large",
        "metric: step with a fraction",
        "param: number as value",
        "tag: number as value",
    ),
    _strict("history", "max_results x"),
    _strict("run pages", "max_results 1.5", "max_results True", "page_token 5"),
    _strict(
        "run views",
        "view 'NONE'",
        "view 7",
        "view 'all'",
        "experiment_ids [1]",
        "experiment_ids [None]",
    ),
    _strict(
        "run inputs",
        "no name",
        "no digest",
        "no source",
        "no source type",
        "no dataset",
        "number as name",
        "list of text",
    ),
    _strict("model life", "unknown status", "unknown status number", "tag without key", "tag key of 251"),
    _strict("model create", "param without key", "param key of 251"),
    _strict(
        "model search",
        "order [{'field_name': 'name', 'ascending': 'yes'}]",
        "max_results -1",
        "max_results 2147483648",
    ),
    _strict(
        "bodies",
        "runs/search: not JSON",
        "runs/search: a word",
        "runs/search: a list",
        "runs/search: a list with an object",
        "runs/search: two objects",
        "runs/search: trailing comma",
        "runs/search: single quotes",
        "runs/search: not UTF-8",
        "runs/search: UTF-8 BOM",
        "runs/search: lone surrogate",
        "runs/search: a large number for a string",
    ),
    _strict("metric values", "raw 1e999"),
    _strict("bodies", "experiments/delete: UTF-8 BOM", "runs/create: UTF-8 BOM"),
    _worded("experiment tags", "tags of text"),
    _worded(
        "experiment search",
        "or",
        "unclosed quote",
        "no value",
        "operator that names have not",
        "max_results 1.5",
        "max_results 9223372036854775808",
        "max_results True",
        "bad token",
    ),
    _worded(
        "metric values",
        "value '' 19",
        "raw nan",
        "raw 01",
        "raw +1",
        "raw .5",
        "raw 1.",
        "raw 0x10",
        "raw 1_000",
    ),
    _worded("batch wrong", "metric: number as key", "param: number as key", "tag: number as key", "run_uuid"),
    _worded("history interval", "start_step 2147483648"),
    _worded(
        "run filters refused",
        "metrics.acc == 0.5",
        "tags.team > 'a'",
        "datasets.name > 'a'",
        "metrics.acc > 0.5; DROP TABLE runs",
    ),
    _worded("run filters by id", "filter '   '"),
    _worded(
        "run pages",
        "max_results 2147483648",
        "max_results 9223372036854775808",
        "page_token 'no token'",
        "page_token 'AAAA'",
    ),
    _worded("dataset search", "text 0"),
    _worded(
        "model search",
        "filter \"name = 'm1' OR name = 'm2'\"",
        "filter \"name > 'a'\"",
        "filter 'metrics.acc'",
        "filter \"(name = 'm1')\"",
        'filter "name = \'m1"',
        "filter 'name IS NULL'",
        "filter '   '",
        "order [{'field_name': ''}]",
        "order [{}]",
        "order ['name']",
        "datasets ['iris']",
        "page 2 of another search",
    ),
    _worded(
        "bodies",
        "experiments/delete: not JSON",
        "experiments/delete: a word",
        "experiments/delete: two objects",
        "experiments/delete: trailing comma",
        "experiments/delete: single quotes",
        "experiments/delete: not UTF-8",
        "experiments/delete: lone surrogate",
        "experiments/delete: NUL",
        "experiments/delete: a large number for a string",
        "experiments/delete: deep",
        "runs/log-batch: UTF-8 BOM",
        "runs/log-batch: lone surrogate",
        "runs/log-batch: a large number for a string",
        "runs/create: NUL",
        "runs/create: a large number for a string",
        "runs/create: deep",
    ),
    _unseen(
        "run unknown",
        "history '00000000000000000000000000000000'",
        "history 'nobody'",
        "history 'a b'",
        "history '../x'",
        "history 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'",
    ),
    _unseen("history interval", "unknown run"),
    _unseen("run inputs", "unknown model"),
    _unseen("model create", "unknown run"),
    _unseen("model links", "unknown output"),
    _taken("experiment tags", "a tag twice"),
    _taken("experiment search", "max_results None", "by GET without max_results"),
    _taken("run create", "tag twice", "tag value of 8001"),
    _taken("params", "camelCase", reason=SPELLING),
    _taken("metric fields", "camelCase", reason=SPELLING),
    _taken("batch wrong", "metrics as None", "params as None", "tags as None"),
    _taken("batch wrong", "camelCase", reason=SPELLING),
    _taken("history bulk", "negative"),
    _taken("run views", "experiment_ids ['999999999999999999999999999999']"),
    _taken("model life", "same params"),
    _taken("model create", "tag twice"),
    _taken("model links", "made by, again"),
    _taken(
        "model search",
        "filter \"status = 'READY'\"",
        "filter \"status = 'PENDING'\"",
        "filter \"status = 'LOGGED_MODEL_PENDING'\"",
        "filter \"experiment_id = '1'\"",
    ),
    _taken("run pages", "max_results None"),
    _taken("dataset search", "of b 1", "of an unknown one 1", "20 ids 1", reason=TWIN),
    Intended(
        "dataset search",
        (
            "no ids 1",
            "absent 1",
            "text 1",
            "words 1",
            "21 ids 1",
        ),
        TWIN,
        status=400,
    ),
    _paths(
        "artifact lists",
        "path '../x'",
        "path 'a/../../b'",
        "path '/etc'",
        "path '..'",
        "path '%2e%2e/x'",
        "path '..%2fx'",
        "path 'C:/x'",
        "path 'file:///etc'",
        "path '#/../x'",
        "path '%252e%252e%252fx'",
        "path 'a\\\\..\\\\..\\\\b'",
        "path 'a//b'",
        "path 'a;../b'",
    ),
    _follows("params", "all params"),
    _follows("metric values", "kept", "history 'nan' 14", "history True 21", "history False 22"),
    _follows(
        "metric whole numbers",
        "kept",
        "step history 9223372036854775808",
        "step history -9223372036854775809",
        "step history 10000000000000000000000000000000000000000",
        "step history 1.5",
        "step history True",
        "time history 9223372036854775808",
        "time history -9223372036854775809",
        "time history 10000000000000000000000000000000000000000",
        "time history 1.5",
        "time history True",
    ),
    _follows("metric fields", "kept"),
    _follows("batch wrong", "kept"),
    _follows("run inputs", "inputs after the refusals"),
    _follows("model life", "with all", "finalize deleted"),
    _follows("model links", "the reader"),
    Intended(
        "run life",
        (
            "end zero",
            "nothing to update",
            "empty name",
            "name of 250",
        ),
        "An end time of 0 is a time; stock leaves it out.",
        frozenset({"run_info.end_time"}),
    ),
    Intended(
        "run life",
        ("after all updates",),
        "An end time of 0 is a time; stock leaves it out.",
        frozenset({"run.info.end_time"}),
    ),
    Intended(
        "log-model",
        ("tags",),
        "The tag keeps the client's own JSON; stock writes it anew with fields of its own.",
        frozenset({"run.data.tags[0].value"}),
    ),
    Intended(
        "model links",
        ("metrics of the model",),
        "A metric of a model that is not a number stays one; stock returns 0.",
        frozenset({"model.data.metrics[4].value"}),
    ),
    Intended(
        "model links",
        ("the maker",),
        "An output logged again takes the new step; stock fails on it.",
        frozenset({"run.outputs.model_outputs[1].step"}),
    ),
    Intended(
        "model search",
        (
            "datasets [{'dataset_name': 'iris'}]",
            "datasets [{'dataset_name': 'iris'}, {'dataset_name': 'nobody'}]",
        ),
        "A dataset may be named without its digest, as MLflow's documentation has it; stock then finds nothing.",
        frozenset({"models"}),
    ),
)
