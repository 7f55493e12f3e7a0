#!/bin/bash
# Lets a pod write lines as the OSCAR manager does, and looks for them in Loki, through the gateway. For a cluster without OSCAR.
set -euo pipefail
kubectl create namespace oscar --dry-run=client --output yaml | kubectl apply --filename -
mark="try-$RANDOM$RANDOM"
line="[GIN-EXECUTIONS-LOGGER] $(date -u +%Y-%m-%dT%H:%M:%SZ) | 201 |   12.345678ms | 192.0.2.7 | POST    /job/$mark | somebody@example.org"
other='[GIN] 2026/01/20 - 09:34:35 | 200 | 1ms | 192.0.2.7 | GET      "/system/config"'
kubectl run "$mark" --namespace oscar --labels app=oscar --image busybox:1.37.0 --restart Never -- sh -c "echo '$line' >&2; echo '$other'; sleep 600"
query="{namespace=\"oscar\", app=\"oscar\"} |= \"$mark\""
kubectl port-forward --namespace oscar-monitoring service/loki-read 18080:8080 >/dev/null &
forward=$!
trap 'kill $forward; kubectl delete pod --namespace oscar --wait=false "$mark"' EXIT
for _ in $(seq 60); do
  sleep 2
  found="$(curl --silent --get "http://localhost:18080/loki/api/v1/query_range" --data-urlencode "query=$query" || true)"
  if [[ "$found" == *"POST    /job/$mark"* ]]; then
    echo "$found"
    if curl --silent --get http://localhost:18080/loki/api/v1/query_range --data-urlencode 'query={app="oscar"}' | grep -q system/config; then
      echo "A line that describes no request has arrived, too." >&2
      exit 1
    fi
    exit 0
  fi
done
echo "The line did not arrive within two minutes." >&2
exit 1
