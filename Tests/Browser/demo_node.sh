# Read by other scripts, with `zheng` set: tells the demo's stories in $scratch/demo and serves them at $url.
export ZHENG_LANG=en
scratch=$(mktemp -d)
node=
trap 'test -z "$node" || kill "$node"; rm -rf "$scratch"' EXIT
"$zheng" demo --dir "$scratch/demo" > "$scratch/stories"
# The demo signs with a state of its own.
XDG_STATE_HOME=$scratch/state "$zheng" node "$scratch/demo/ledger" --adopt-head --read public --host-name zheng.test --listen 127.0.0.1:0 > "$scratch/address" 2> "$scratch/log" &
node=$!
until grep -q '^listening on ' "$scratch/address"; do
  kill -0 "$node" || { cat "$scratch/log" >&2; exit 1; }
  sleep 0.2
done
url=$(sed -n 's/^listening on //p' "$scratch/address")
demo=$scratch/demo
