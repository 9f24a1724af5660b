#!/usr/bin/env bash
# Run once by the postgres image on an empty volume: a login and a database per subgraph, each closed to the others.
# The same as local/postgres-databases.ts does on a single machine.
set -euo pipefail

make_database() {
  local name=$1 password=$2
  # Through psql's own variables, so that no character of a password is read as SQL.
  psql --set ON_ERROR_STOP=1 --set name="$name" --set password="$password" --username postgres --dbname postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
  psql --set ON_ERROR_STOP=1 --username postgres --dbname "$name" <<'SQL'
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
SQL
}

psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SQL
make_database users "$USERS_DATABASE_PASSWORD"
make_database content "$CONTENT_DATABASE_PASSWORD"
make_database engagement "$ENGAGEMENT_DATABASE_PASSWORD"
make_database search "$SEARCH_DATABASE_PASSWORD"
make_database insights "$INSIGHTS_DATABASE_PASSWORD"
