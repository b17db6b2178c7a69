"""The words of monitoring."""

DATA_QUALITY, DATA_DRIFT, PREDICTION_DRIFT = "data_quality", "data_drift", "prediction_drift"
PERFORMANCE, FAIRNESS = "performance", "fairness"
LATENCY, ERRORS, VOLUME, COST = "latency", "errors", "volume", "cost"
KINDS = (
    DATA_QUALITY, DATA_DRIFT, PREDICTION_DRIFT, PERFORMANCE, FAIRNESS, LATENCY, ERRORS, VOLUME, COST,
)  # fmt: skip
DRIFTS = (DATA_DRIFT, PREDICTION_DRIFT)
TITLES = {kind: kind.replace("_", " ").capitalize() for kind in KINDS}

# What a measurement says.
OK, WARN, ALERT, NO_DATA, FAILED = "ok", "warn", "alert", "no_data", "failed"
RUN_STATES = (OK, WARN, ALERT, NO_DATA, FAILED)

OPEN, ACKNOWLEDGED, SILENCED, RESOLVED = "open", "acknowledged", "silenced", "resolved"
ALERT_STATES = (OPEN, ACKNOWLEDGED, SILENCED, RESOLVED)

TRAINING, DATASET, EARLIER = "training", "dataset", "earlier"
FINDING, RETRAIN, ROLLBACK, RECERTIFY, NOTIFY = "finding", "retrain", "rollback", "recertify", "notify"
RUN_JOB, RESPOND_JOB, WATCH_JOB = "monitoring.run", "monitoring.respond", "monitoring.watch"

# Whose requests are measured.
ALL, CANDIDATE = "all", "candidate"
