"""Marks a logged model as read and digested, as the job does. Run with the portal's environment."""

import sys

import django

if __name__ == "__main__":
    django.setup()
    from experiments.models import LoggedModel

    LoggedModel.objects.filter(pk=sys.argv[1]).update(digest="d" * 64, status="LOGGED_MODEL_READY")
