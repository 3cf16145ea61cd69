#!/bin/sh
# How long the server takes for each page of the demo's ledger, and how many bytes a first view takes. Ends with 1 where a page takes 10 ms
# or more (the median of many), or a first view 150 KB. Only an optimised binary gives figures that count.
#
#     Tests/Browser/render.sh .build/release/zheng [PYTHON]
set -eu
zheng=$1 python=${2:-python3}
here=$(dirname "$0")
. "$here/demo_node.sh"
"$python" "$here/render_times.py" "$url" --item E-2026-001 --request R-2026-001 --member notary
