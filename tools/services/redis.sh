#!/usr/bin/env bash
# redis.sh PORT DIR: a real Valkey or Redis in the foreground on 127.0.0.1, data in DIR; stop it by its process id.
# Binary: $REDIS_SERVER_BIN, else the first of valkey-server and redis-server on PATH (Debian: apt-get install redis-server).
# The settings are those a deployment needs: appends are kept, and nothing is ever evicted (a stream is not a cache).
set -euo pipefail
port=${1:?port} dir=${2:?dir}
server=${REDIS_SERVER_BIN:-$(command -v valkey-server || command -v redis-server || true)}
if [ -z "$server" ]; then
  echo "redis.sh: neither valkey-server nor redis-server is on PATH; install one or name it in REDIS_SERVER_BIN" >&2
  exit 1
fi
mkdir -p "$dir"
exec "$server" --port "$port" --bind 127.0.0.1 --dir "$dir" --appendonly "${APPENDONLY:-yes}" --save '' --maxmemory-policy noeviction
