# One image for every service of docker-compose.yml. Build: docker compose build
FROM python:3.11-slim-bookworm AS build
WORKDIR /opt/leadloop
RUN pip install --no-cache-dir --disable-pip-version-check uv && python -m venv .venv
COPY pyproject.toml requirements.lock README.md LICENSE ./
# The versions and hashes of the lock, without what only tests need.
RUN uv pip install --python .venv/bin/python --no-cache \
    --constraints requirements.lock --requirements pyproject.toml --extra team
COPY plugins plugins
RUN uv pip install --python .venv/bin/python --no-cache --no-deps --editable . \
    && .venv/bin/python -m compileall -q plugins

FROM python:3.11-slim-bookworm
# pg_dump for back-ups of the operations store: not older than the server of docker-compose.yml.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --home-dir /var/lib/leadloop --create-home leadloop
WORKDIR /opt/leadloop
COPY --from=build /opt/leadloop /opt/leadloop
COPY dbt_project dbt_project
COPY expectations expectations
COPY config config
COPY dags dags
COPY tools/check_health tools/check_worker tools/prepare_team tools/
ENV PATH=/opt/leadloop/.venv/bin:$PATH \
    LEADLOOP_HOME=/var/lib/leadloop \
    AIRFLOW_HOME=/var/lib/leadloop/airflow \
    XDG_CACHE_HOME=/var/lib/leadloop/cache \
    XDG_CONFIG_HOME=/var/lib/leadloop/cache/config
USER 10001:10001
VOLUME /var/lib/leadloop
HEALTHCHECK NONE
CMD ["leadloop", "doctor"]
