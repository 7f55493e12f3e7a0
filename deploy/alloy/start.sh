#!/bin/bash
# Starts a log collector so that no line is lost when it ends early:
#
#   start.sh <command> <argument>…
#
# A collector notes how far it has read before Loki has the lines. What is under way when it is killed, or when it ends while Loki does
# not answer, would be lost. Therefore a start after such an end forgets the notes and reads again what the node still holds; Loki shows
# equal lines once. (The country database stays the same then, else lines would differ: see country-database.sh.)
#
# USER_SALT: the secret of private.alloy. STATE: folder that outlives the container. POSITIONS: pattern of the notes in it. LOKI_PUSH_URL: where the lines go.
set -u
shopt -s nullglob

is_loki_ready() {
  local rest="${LOKI_PUSH_URL#*://}" answer
  local authority="${rest%%/*}"
  local host="${authority%%:*}" port="${authority##*:}"
  [ "$port" = "$host" ] && port=80
  exec 3<>"/dev/tcp/$host/$port" || return 1
  printf 'GET /ready HTTP/1.0\r\nHost: %s\r\n\r\n' "$host" >&3
  read -r -t 5 answer <&3
  exec 3>&-
  [[ "$answer" == *" 200 "* ]]
}

if [[ "$*" == *private.alloy* && ! "${USER_SALT:-}" =~ ^[A-Za-z0-9_-]{16,}$ ]]; then
  echo "USER_SALT must be 16 or more letters and digits: hashes without a secret salt hide nothing." >&2
  exit 1
fi

mkdir -p "$STATE"
if [ -e "$STATE/running" ]; then
  echo "The last run did not end in order: what is still there is read again." >&2
  for notes in "$STATE"/$POSITIONS; do
    rm -f "$notes"
  done
fi
touch "$STATE/running"

"$@" &
collector=$!
trap 'kill -TERM "$collector"' TERM INT
wait "$collector"
code=$?
if [ "$code" -gt 128 ]; then
  # A signal ended the wait, not the collector.
  wait "$collector"
  code=$?
fi
if [ "$code" -eq 0 ] && is_loki_ready 2>/dev/null; then
  rm -f "$STATE/running"
fi
exit "$code"
