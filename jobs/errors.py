"""How a handler ends other than by returning. Any other exception counts as Transient."""


class Transient(Exception):
    """It may work later: try again after a pause, until the attempts are used up."""


class Permanent(Exception):
    """Trying again cannot help: the job fails at once, with this sentence as its reason."""


class NothingToDo(Exception):
    """The work is no longer wanted, or there is none: the job is done without an effect, for this reason."""


class LeaseLost(Exception):
    """This attempt does not hold the job any more: stop, and leave no effect."""


class CancelRequested(Exception):
    """Somebody asked for the job to be cancelled: stop, and leave no effect."""


class HandedBack(LeaseLost):
    """The worker is leaving, and another shall do the job: stop, and leave no effect."""
