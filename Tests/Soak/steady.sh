#!/usr/bin/env bash
# Runs all tests again and again beside what keeps a machine busy; the first run that fails ends it.
#
#   Tests/Soak/steady.sh [RUNS]
#
# RUNS times (3) beside a process that keeps one core busy, then as often beside real-time processes that take every core away
# for two seconds out of each ten. The latter need the right to real-time priority (root, or CAP_SYS_NICE).
set -euo pipefail
cd "$(dirname "$0")/../.."

runs=${1:-3}
log=$(mktemp)
busy=()
finish() {
  if [ ${#busy[@]} -gt 0 ]; then kill "${busy[@]}" 2>/dev/null || true; fi
  rm -f "$log"
}
trap finish EXIT

run() { # run WHAT: all tests, RUNS times
  local number since
  for number in $(seq "$runs"); do
    since=$SECONDS
    if ! swift test --skip-build >"$log" 2>&1; then
      grep -E '✘|error:' "$log" | cut -c1-400
      echo "failed: run $number $1" >&2
      exit 1
    fi
    echo "$(grep -oE 'Test run with [0-9]+ tests.* passed' "$log"), run $number $1: $((SECONDS - since)) s"
  done
}

swift build --build-tests
python3 -c 'while True: pass' &
busy=($!)
run "beside one busy core"
kill "${busy[@]}"
busy=()

for _ in $(seq "$(nproc)"); do
  chrt --fifo 1 python3 -c '
import time
while True:
    end = time.monotonic() + 2
    while time.monotonic() < end: pass
    time.sleep(8)' &
  busy+=($!)
done
run "beside what takes all cores away for two seconds"
