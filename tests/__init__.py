"""Tests of the portal, on real servers."""
