"""Readers: each turns one kind of store into the objects of `transfer.objects`."""
