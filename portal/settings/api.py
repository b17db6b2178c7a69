"""The API of our own under /api/v1/: closed unless a view declares its actions, JSON only, errors as problem JSON."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.api.authentication.TokenAuthentication",
        "portal.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portal.api.permissions.DeclaredActions"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "portal.api.schema.ActionSchema",
    "DEFAULT_THROTTLE_CLASSES": ["portal.api.throttling.ActorThrottle"],
    "DEFAULT_THROTTLE_RATES": {"actor": "1200/min"},
    "EXCEPTION_HANDLER": "portal.api.errors.problem_response",
    "DEFAULT_VERSIONING_CLASS": None,
    "NON_FIELD_ERRORS_KEY": "detail",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Model platform API",
    "VERSION": "1",
    "DESCRIPTION": (
        "Workspaces, members, users, tokens, audit events and jobs. Experiments and runs are served by MLflow's own "
        "protocol under /api/2.0/mlflow/. Errors are problem JSON (RFC 9457) with a stable `code`."
    ),
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False},
    "OAS_VERSION": "3.1.0",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    # Choices stand where they are used: many fields are named state, role or outcome, each with its own.
    "POSTPROCESSING_HOOKS": ["portal.api.schema.problems_add"],
}
