"""Datasets that the portal holds: keeping their files, reading them again, comparing what is known of them."""
