"""What the gate of the registry goes by."""

from portal.settings import environment as env

# More names that serialised models may hold, each `module:name` as two patterns that match all of it. Whoever adds
# one answers for it: what it names is called when the model is loaded. Scans say by which rules they were made.
SCAN_ALLOWED_GLOBALS = env.words("SCAN_ALLOWED_GLOBALS")

# PEM files of elliptic curve keys: the private one is for the workers, who sign; without the public one it is taken
# from the private one. Signatures made with older keys still count while their public keys are listed.
MODEL_SIGNING_KEY_FILE = env.text("MODEL_SIGNING_KEY_FILE", "")
MODEL_SIGNING_PUBLIC_KEY_FILE = env.text("MODEL_SIGNING_PUBLIC_KEY_FILE", "")
MODEL_SIGNING_OLD_PUBLIC_KEYS = env.words("MODEL_SIGNING_OLD_PUBLIC_KEYS")
