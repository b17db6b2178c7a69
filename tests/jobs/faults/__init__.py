"""An app of job kinds that go wrong on purpose; only the workers of the tests install it."""
