"""Where notices may go: webhooks on the open internet and at listed hosts; e-mail where there is a server for it."""

from portal.settings import environment as env
from portal.settings.auth import EMAIL_HOST

# Hosts, each with or without a port, to which webhooks may lead by plain http and at private addresses.
WEBHOOK_ALLOWED_HOSTS = env.words("WEBHOOK_ALLOWED_HOSTS")
# Days for which a retention class is kept, where that is longer than the portal's own: `outbox=730,runs=3650`.
RETENTION_DAYS = env.days_by_name(
    "RETENTION_DAYS",
    ("audit", "decisions", "evidence", "versions", "runs", "follow_up", "inference_log", "measurements", "outbox"),
)  # fmt: skip
# Days for which each class of the inference log is kept; an endpoint names its class.
INFERENCE_LOG_DAYS = {
    "short": 30, "standard": 190, "regulated": 3650,
    **env.days_by_name("INFERENCE_LOG_DAYS", ("short", "standard", "regulated")),
}  # fmt: skip
# Whether there is anywhere to send e-mail to; persons then see what waits for them in the portal only.
OUTBOX_MAILS = bool(EMAIL_HOST)
