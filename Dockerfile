# The one image of HelixWeb's own processes: web, worker, explorer and migrate differ by their command alone.
#   docker build --tag helixweb .

FROM node:24-bookworm-slim AS frontend
WORKDIR /build
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
WORKDIR /app
COPY requirements/uv.txt requirements/base.txt requirements/
RUN python -m venv /opt/helixweb \
 && /opt/helixweb/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
 && /opt/helixweb/bin/uv pip install --no-cache --compile-bytecode --python /opt/helixweb/bin/python \
    --require-hashes -r requirements/base.txt
COPY pyproject.toml README.md LICENSE ./
COPY workflows/ workflows/
COPY versions/ versions/
COPY metrics/ metrics/
COPY snapshots/ snapshots/
COPY helixweb/ helixweb/
COPY examples/ examples/
RUN /opt/helixweb/bin/uv pip install --no-cache --python /opt/helixweb/bin/python --no-deps --no-build-isolation -e . \
 && /opt/helixweb/bin/python -m compileall -q workflows versions metrics snapshots helixweb

FROM python:3.11-slim-bookworm
# Whatever version the base's release of Debian has is the one with its security updates.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends bubblewrap \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-log-init --home-dir /var/lib/helixweb --shell /usr/sbin/nologin helixweb \
 && install --directory --owner helixweb --group helixweb --mode 700 /var/lib/helixweb /data
COPY --from=packages /opt/helixweb /opt/helixweb
COPY --from=packages /app /app
COPY --from=frontend /build/dist /app/frontend/dist
ENV PATH=/opt/helixweb/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HELIX_HOME=/var/lib/helixweb \
    HELIX_DATA=/data
USER 10001:10001
WORKDIR /var/lib/helixweb
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["helixweb", "health", "web"]
CMD ["helixweb", "web", "--host", "0.0.0.0", "--port", "8000"]
