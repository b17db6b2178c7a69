"""The words of deployments that tables and code share."""

DEV, STAGING, PROD = "dev", "staging", "prod"
ENVIRONMENTS = (DEV, STAGING, PROD)

# What a revision shall be, and what its target last told.
RUNNING, STOPPED = "running", "stopped"
DESIRED_STATES = (RUNNING, STOPPED)
PENDING, PREPARING, STARTING, READY, FAILING, FAILED = (
    "pending", "preparing", "starting", "ready", "failing", "failed",
)  # fmt: skip
OBSERVED_STATES = (PENDING, PREPARING, STARTING, READY, FAILING, FAILED, STOPPED)

# What traffic a revision gets: answers that are used, or copies whose answers are not.
LIVE, SHADOW = "live", "shadow"
TRAFFIC_ROLES = (LIVE, SHADOW)

BLUE_GREEN, CANARY, AB, SHADOWING = "blue_green", "canary", "ab", "shadow"
STRATEGIES = (BLUE_GREEN, CANARY, AB, SHADOWING)
WAITING, PROGRESSING, PAUSED, COMPLETED, ROLLED_BACK, ABORTED = (
    "waiting", "progressing", "paused", "completed", "rolled_back", "aborted",
)  # fmt: skip
ROLLOUT_GOES_ON = (WAITING, PROGRESSING, PAUSED)
ROLLOUT_STATES = (*ROLLOUT_GOES_ON, COMPLETED, ROLLED_BACK, ABORTED)

# What a server process of the local target shall be, and what its node last saw.
GONE = "gone"
SERVER_WANTED = (RUNNING, GONE)
SERVER_SEEN = (PENDING, STARTING, READY, FAILING, GONE)
LOCAL = "local"
