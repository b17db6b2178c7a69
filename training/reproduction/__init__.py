"""Trains a version again and says, with a signature, whether it came out the same."""
