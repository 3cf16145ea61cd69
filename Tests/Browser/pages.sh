#!/bin/sh
# Tells the demo's stories in a new directory, serves and exports them, and drives the pages and verify.html in Chromium; the check page
# also in Firefox where FIREFOX names it. The big screen runs for HEAP_SECONDS, 40 where nothing else is said.
#
#     Tests/Browser/pages.sh ZHENG PYTHON CHROMIUM [SHOTS]
set -eu
zheng=$1 python=$2 chromium=$3 shots=${4:-}
here=$(dirname "$0")
. "$here/demo_node.sh"

# What is brought to be checked without the node.
brought=$scratch/brought
mkdir "$brought"
"$zheng" export "$demo/ledger" "$scratch/public" > "$scratch/out"
"$zheng" prove "$demo/ledger" 2 --out "$brought/record-2.tlog-proof" > "$scratch/out"
"$zheng" prove "$demo/ledger" --file "$demo/judge/changed.txt" --out "$brought/never.tlog-proof" > "$scratch/out"
"$zheng" prove "$demo/ledger" --item E-2026-001 --with-records --out "$brought/item.proofs" > "$scratch/out"
"$zheng" evidence certificate "$demo/ledger" E-2026-002 --out "$brought/directory.html" > "$scratch/out"

status=0
timed() { # timed WHAT COMMAND...
  what=$1 since=$(date +%s)
  shift
  "$@" || { echo "failed: $what" >&2; return 1; }
  echo "$what: $(($(date +%s) - since)) s"
}
exported() {
  timed "verify.html" "$python" "$here/verify_in_browser.py" "$chromium" "$scratch/public/verify.html" "$demo" "$brought" \
    "$here/../Fixtures/certificate" --url "$url/" --insecure "http://zheng.test:${url##*:}/" ${shots:+--shots "$shots"}
}
firefox() {
  [ -n "${FIREFOX:-}" ] || return 0
  timed "Firefox" "$python" "$here/check_in_firefox.py" "$FIREFOX" "$url" --file "$demo/judge/租赁合同.txt" \
    --other "$demo/judge/changed.txt" --item E-2026-001 ${shots:+--shots "$shots"}
}
screen() {
  timed "the big screen" "$python" "$here/screen_heap.py" "$chromium" "$url" --seconds "${HEAP_SECONDS:-40}" --every "${HEAP_EVERY:-2}" \
    --run "echo a record | '$zheng' append '$url' --policy '$demo/policy' --key '$demo/keys/notary.pem' -"
}
# Side by side goes what only reads: the pages and the big screen append, and neither may see the other's blocks.
{ exported && firefox; } > "$scratch/readers" 2>&1 &
readers=$!
timed "pages" "$python" "$here/pages_in_browser.py" "$chromium" "$url" --file "$demo/judge/租赁合同.txt" --other "$demo/judge/changed.txt" \
  --item E-2026-001 --request R-2026-001 --demo "$demo" --zheng "$zheng" ${shots:+--shots "$shots"} || status=1
screen || status=1
wait "$readers" || status=1
cat "$scratch/readers"
exit $status
