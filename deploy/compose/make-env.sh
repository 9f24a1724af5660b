#!/usr/bin/env bash
# Writes .env with fresh secrets for docker-compose.yml; refuses where there is one, since its passwords are in the volumes.
set -euo pipefail
cd "$(dirname "$0")/../.."
umask 077
# Letters and digits only: the passwords become part of addresses.
secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
set -o noclobber
{
  for name in HOP_SECRET POSTGRES_PASSWORD {USERS,CONTENT,ENGAGEMENT,SEARCH,INSIGHTS}_DATABASE_PASSWORD; do
    echo "$name=$(secret)"
  done
  echo '# The first administrator; leave empty for none.'
  echo 'ADMIN_EMAIL='
  echo 'ADMIN_PASSWORD='
} > .env
echo 'wrote .env'
