#!/usr/bin/env bash
# The running server against its own OpenAPI document: no 5xx, no answer the document does not describe.
# Needs the built server (PERENNIAL_BINARY) and schemathesis on the path; `./check api` sees to both.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

perennial=${PERENNIAL_BINARY:-$PWD/target/debug/perennial}
examples=${PERENNIAL_CONTRACT_EXAMPLES:-60} # random requests for each endpoint
work=$(mktemp -d)
server=
# The server is asked to stop, and its log is shown only when something failed.
finish() {
  local status=$?
  if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  if (( status )) && [[ -s $work/log ]]; then printf '%s\n' "the server's log:"; tail -50 "$work/log"; fi
  rm -rf "$work"
}
trap finish EXIT

export PERENNIAL_DATABASE=sqlite:$work/contract.db
"$perennial" publish-programme examples/programmes/starter.toml --effective-at 2020-01-01T00:00:00Z >/dev/null
key=$("$perennial" issue-api-key contract --scopes all)
"$perennial" openapi > "$work/openapi.json"
cmp openapi.json "$work/openapi.json" || { echo "openapi.json is not what the server publishes" >&2; exit 1; }

# A member with a purchase, so that requests for real ids find something.
"$perennial" --json record-purchase - > "$work/receipt" <<JSON
{"member":{"external":"17850"},"enrol":true,"source":"till","reference":"r1","occurred_at":"$(date -u +%FT%TZ)",
 "currency":"CNY","lines":[{"amount":12345}]}
JSON
member=$(grep -o 'mem_[0-9a-z]*' "$work/receipt" | head -1)
entry=$(grep -o 'ent_[0-9a-z_]*' "$work/receipt" | head -1)

# Port 0 lets the system choose; the server prints where it listens.
"$perennial" serve --listen 127.0.0.1:0 > "$work/out" 2> "$work/log" &
server=$!
for _ in $(seq 100); do
  grep -q '^ready' "$work/out" && break
  kill -0 "$server" 2>/dev/null || { echo "the server did not start" >&2; exit 1; }
  sleep 0.1
done
address=$(sed -n 's/^api: \(.*\)\/v1$/\1/p' "$work/out")

cat > "$work/schemathesis.toml" <<TOML
[[operations]]
include-path-regex = "^/v1/members/\\\\{id\\\\}"
parameters = { "path.id" = "$member" }

[[operations]]
include-path-regex = "^/v1/entries/\\\\{id\\\\}"
parameters = { "path.id" = "$entry" }
TOML

# It leaves its notes where it runs.
run() (
  cd "$work"
  schemathesis --config-file "$1" run "$address/v1/openapi.json" \
    --header "Authorization: Bearer $key" --no-color --generation-deterministic --suppress-health-check=all \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --phases "$2" --max-examples "$examples"
)
: > "$work/plain.toml"
echo "-- ids that exist"
run "$work/schemathesis.toml" examples,coverage,fuzzing
echo "-- ids and all else at random"
run "$work/plain.toml" coverage,fuzzing
