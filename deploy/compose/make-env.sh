#!/usr/bin/env bash
# Writes .env with fresh secrets for docker-compose.yml; refuses where there is one, since its passwords are in the volumes.
set -euo pipefail
cd "$(dirname "$0")/../.."
umask 077
# Letters and digits only: the passwords become part of addresses.
secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
set -o noclobber
{
  for name in HOP_SECRET KEY_ENCRYPTION_SECRET POSTGRES_PASSWORD {USERS,CONTENT,ENGAGEMENT,SEARCH,INSIGHTS}_DATABASE_PASSWORD; do
    echo "$name=$(secret)"
  done
  echo '# The first administrator; leave empty for none.'
  echo 'ADMIN_EMAIL='
  echo 'ADMIN_PASSWORD='
  echo '# Set these before people sign up: until then nothing is mailed. PUBLIC_URL is where links in mails lead (https://…);'
  echo '# MAIL_URL is smtp://user:password@host:587 or smtps://…; MAIL_FROM is "The Site <no-reply@site.example>".'
  echo 'PUBLIC_URL='
  echo 'MAIL_URL='
  echo 'MAIL_FROM='
  echo '# What mails and pages call the site, and how many days a sign-in lasts; empty for Broadsheet and 7.'
  echo 'SITE_NAME='
  echo 'REFRESH_TOKEN_DAYS='
  echo '# development: mails are shown at /dev/mail of the gateway and sent nowhere.'
  echo 'NODE_ENV=production'
} > .env
echo 'wrote .env'
