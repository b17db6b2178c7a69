"""Servers for one machine, and the supervisor of `make run`: plain Python, no Django, imports only itself."""
