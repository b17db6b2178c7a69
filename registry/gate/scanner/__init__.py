"""Looks into files that strangers made, in a process of its own that holds nothing of the portal.

Nothing here imports the portal, its settings or its libraries: the job starts it with an empty environment, and
all that it knows comes in on its standard input.
"""
