"""What goes wrong in a way that a person can put right."""


class StartRefused(Exception):
    """The portal cannot start; the text is one sentence for the terminal that says what to do."""
