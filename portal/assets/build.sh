#!/bin/sh
# Compile the style sheet into portal/static/pinzheng.css. Needs node and npm; serving does not.
set -eu
cd "$(dirname "$0")"
[ -d node_modules/govuk-frontend ] || npm ci --no-audit --no-fund
npm run --silent build
