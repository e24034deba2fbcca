# cavewall as a command and a server, for walls of the packaged model: see docs/scale.md.
FROM python:3.11.14-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ONLY_BINARY=:all:
RUN python -m venv /opt/cavewall
COPY docker/requirements.txt /tmp/requirements.txt
RUN /opt/cavewall/bin/pip install --no-deps --requirement /tmp/requirements.txt
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/cavewall/bin/pip install --no-deps . \
    && /opt/cavewall/bin/pip uninstall --yes pip


FROM python:3.11.14-slim-trixie

# A wall, and what is derived of walls in buckets, belong into volumes: nothing else is written.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data cavewall \
    && install --directory --owner=cavewall --group=cavewall /data /cache
COPY --from=build /opt/cavewall /opt/cavewall
COPY docker/health.py /opt/cavewall/health.py

ENV PATH=/opt/cavewall/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    CAVEWALL=/data/wall \
    CAVEWALL_CACHE=/cache \
    CAVEWALL_CONFIG=/cache/config
USER 10001:10001
WORKDIR /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "/opt/cavewall/health.py"]

ENTRYPOINT ["cavewall"]
CMD ["serve", "--host", "0.0.0.0"]
