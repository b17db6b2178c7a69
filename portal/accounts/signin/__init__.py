"""How a person comes in: hooks for django-allauth, what single sign-on grants, and the audit events of it all.

This package stands above `portal.operations`, like the services: it runs operations and, being the only
part beside the operation wrapper that may, records events for what is no operation (signing in and out).
"""
