# Penny as a container: the workspace is the volume /workspace.
#   docker build -t penny .
#   docker run --rm -v ./workspace:/workspace penny init /workspace
#   docker run -d --name penny -v ./workspace:/workspace penny

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc g++ make libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# The caches are the builder's: a second build compiles only what changed.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --package penny \
    && cp target/release/penny /usr/local/bin/penny

FROM debian:bookworm-slim
# The user that owns the workspace on the host; 1000 is the first one of most Linux computers.
ARG UID=1000
# Python for the notebooks, certificates and time zones. PostgreSQL is a container of its own (compose.yaml).
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates python3 python3-venv tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid "$UID" --create-home --home-dir /home/penny penny \
    && install --directory --owner penny --group penny /workspace
COPY --from=build /usr/local/bin/penny /usr/local/bin/penny
USER penny
ENV PENNY_WORKSPACE=/workspace TZ=Europe/Paris
WORKDIR /workspace
VOLUME /workspace
# Penny passes signals on and buries orphans when it is the first process: no tini, no --init.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=15s --start-period=10m --retries=3 \
    CMD ["python3", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8787/health', timeout=12)"]
ENTRYPOINT ["penny"]
CMD ["start"]
