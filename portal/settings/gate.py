"""What the gate of the registry goes by."""

from portal.settings import environment as env

# More names that serialised models may hold, each `module:name` as two patterns that match all of it. Whoever adds
# one answers for it: what it names is called when the model is loaded. Scans say by which rules they were made.
SCAN_ALLOWED_GLOBALS = env.words("SCAN_ALLOWED_GLOBALS")
