"""The inference log as columns, and what it is compared with."""
