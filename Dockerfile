# One image for web, worker, scheduler and events. Build arguments name the package index, where it is not the default.
FROM python:3.11-slim-bookworm AS build
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements ./requirements
COPY scripts/install.py ./scripts/install.py
RUN python3 scripts/install.py base

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app portal && install -d -o portal /artifacts /audit /jobs
WORKDIR /app
COPY --from=build /app/.venv ./.venv
COPY . .
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings.prod \
    STATIC_ROOT=/app/static \
    BIND=0.0.0.0:8000
# Collecting needs settings but neither a server nor a secret that outlives this line.
RUN python -m compileall -q . \
    && SECRET_KEY=$(python -c "import secrets; print(secrets.token_urlsafe(50))") PORTAL_URL=https://build.invalid \
       DATABASE_URL=postgresql://build@build.invalid/build REDIS_URL=redis://build.invalid/0 \
       python manage.py collectstatic --noinput --verbosity 0
USER portal
EXPOSE 8000
CMD ["gunicorn", "-c", "portal/gunicorn.py", "portal.wsgi:application"]
