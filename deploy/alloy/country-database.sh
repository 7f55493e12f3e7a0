#!/bin/sh
# Puts a country database where the collector finds it. There is always one: without it the collector would not start.
#
# GEOIP_URL: address of a database in MaxMind's format, as it is or with gzip; what date(1) knows is filled in, such as %Y-%m. Empty: none
# is fetched, and all countries are unknown. STATE: folder that outlives the container, with the file country.mmdb. EMPTY: the database
# without networks.
set -u
target="$STATE/country.mmdb"
new="$target.new"
mkdir -p "$STATE"

# Lines that may be read twice must have the same country both times (start.sh).
if [ -e "$STATE/running" ] && [ -s "$target" ]; then
  echo "The last run did not end in order: the database stays as it is."
  exit 0
fi

if [ -z "${GEOIP_URL:-}" ]; then
  cp "$EMPTY" "$target"
  echo "No country database is configured: all countries are unknown."
  exit 0
fi

if [ -n "$(find "$target" -mtime -28 -size +100k 2>/dev/null)" ]; then
  exit 0
fi

if curl --fail --silent --show-error --location --max-time 300 --output "$new" "$(date -u +"$GEOIP_URL")"; then
  if gzip -t "$new" 2>/dev/null; then
    gzip -dc "$new" >"$new.plain" && mv "$new.plain" "$new"
  fi
  if grep -q -a MaxMind.com "$new"; then
    mv "$new" "$target"
    exit 0
  fi
  echo "The answer is not a database."
fi
rm -f "$new" "$new.plain"
if [ ! -s "$target" ]; then
  cp "$EMPTY" "$target"
  echo "There is no country database: all countries are unknown until one can be fetched."
fi
