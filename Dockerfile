# One image for every service; the command chooses which: `docker run IMAGE dialogue_service`, `… assistant doctor`,
# and `… chassis.together ingress_service dialogue_service …` for several in one process.
ARG PYTHON=python:3.11.14-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 VIRTUAL_ENV=/opt/venv PATH=/opt/venv/bin:$PATH
# The libraries first: this layer stays as long as the lock does.
COPY requirements.lock ./
RUN python3 -m venv /opt/venv && pip install --require-hashes --no-deps --requirement requirements.lock
COPY libs libs
COPY services services
COPY tools tools
RUN uv pip install --offline --no-deps --compile-bytecode libs/* services/* tools/* \
    && python -m assistant.shipped >not-needed.txt \
    && uv pip uninstall --requirements not-needed.txt \
    # Other services of Google's, other languages, and where in the world a number is: a sixth of all libraries.
    && find /opt/venv -path '*/googleapiclient/discovery_cache/documents/*' ! -name calendar.v3.json -delete \
    && find /opt/venv -path '*/babel/locale-data/*' ! -name 'root.dat' ! -name 'en*' ! -name 'pt*' -delete \
    && find /opt/venv -path '*/phonenumbers/geodata/*' -delete

FROM ${PYTHON}
RUN groupadd --gid 10001 receptionist \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin receptionist \
    # Docker gives a new volume the owner that its place has in the image: `setup` of docker-compose.yml writes there.
    && install --directory --owner=10001 --group=10001 /definitions
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY unit.toml ./
COPY knowledge knowledge
COPY docs/runbook.md docs/runbook.md
# Nothing is written outside /tmp: the root file system may be read-only.
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp \
    SERVICE_HOST=0.0.0.0 SERVICE_PORT=8000 UNIT_FILE=/app/unit.toml KNOWLEDGE_DIR=/app/knowledge
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "chassis.healthy"]
ENTRYPOINT ["python", "-m"]
CMD ["chassis.together", "ingress_service", "preprocessor_service", "dialogue_service", "rules_service", \
     "llm_gateway_service", "calendar_service", "postprocessor_service", "frontdesk_service"]
