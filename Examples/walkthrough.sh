#!/usr/bin/env bash
# Three organisations found a ledger, record, prove and check, with nothing but the command line.
#
#   Examples/walkthrough.sh [ZHENG] [FOLDER]
#
# ZHENG is the binary (default: zheng on the PATH); FOLDER is where everything is made (default: a temporary one).
set -euo pipefail

examples=$(cd "$(dirname "$0")" && pwd)
zheng=$(command -v "${1:-zheng}") || { echo "no zheng binary: $0 PATH/TO/zheng" >&2; exit 66; }
zheng=$(cd "$(dirname "$zheng")" && pwd)/$(basename "$zheng")
folder=${2:-$(mktemp -d)}
mkdir -p "$folder"
cd "$folder"
# What a machine signed last is kept outside the ledger's directory; here it is kept with the rest.
export ZHENG_STATE="$folder/state"

say() { printf '\n== %s\n' "$*"; }
expect() { # expect STATUS COMMAND...: the command must end with this status
  local wanted=$1 status=0
  shift
  "$@" || status=$?
  [ "$status" = "$wanted" ] || { echo "expected exit status $wanted and got $status: $*" >&2; exit 1; }
}

say "Each organisation makes a key, two of them with openssl: keys are ordinary PKCS#8 files."
"$zheng" key new data-bureau.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out notary.pem 2>/dev/null
openssl genpkey -algorithm ED25519 -out court.pem
for name in data-bureau notary court; do openssl pkey -in $name.pem -pubout -out $name.pub.pem; done

say "The founders write consortium.json and found the ledger."
cp "$examples/consortium.json" .
"$zheng" init ledger --consortium consortium.json --key data-bureau.pem
expect 73 "$zheng" init ledger --consortium consortium.json --key data-bureau.pem

say "The notary records a contract and a few lines, the court a receipt."
printf '借款合同：甲方向乙方借款人民币十万元。\nLoan agreement.\n' > contract.txt
"$zheng" append ledger --key notary.pem --type 'text/plain; charset=utf-8' --subject 案件-2026-001 contract.txt
printf 'first line\nsecond line\n' | "$zheng" append ledger --key notary.pem --type text/plain --lines -
printf 'received' | "$zheng" append ledger --key court.pem --subject 案件-2026-001 -

say "Anyone with the directory can find a record by its file, list a case and read a record."
"$zheng" find ledger contract.txt
"$zheng" list ledger --subject 案件-2026-001
"$zheng" show ledger 2
"$zheng" show ledger 2 --payload | cmp - contract.txt

say "A key that belongs to no member is refused."
"$zheng" key new stranger.pem > stranger.txt
expect 2 "$zheng" append ledger --key stranger.pem contract.txt

say "An auditor checks everything against the policy that the founders published."
"$zheng" verify ledger --policy ledger/policy

say "The proof and the policy are all that the other side needs."
"$zheng" prove ledger 2 --out contract.tlog-proof
mkdir elsewhere
cp contract.tlog-proof contract.txt ledger/policy elsewhere/
(cd elsewhere && "$zheng" check contract.tlog-proof --policy policy --file contract.txt)
printf 'another text' > elsewhere/other.txt
expect 1 "$zheng" check elsewhere/contract.tlog-proof --policy elsewhere/policy --file elsewhere/other.txt

say "Absence is proven in the same way, and so is completeness: these are all records of a file, or of a case."
"$zheng" prove ledger --file elsewhere/other.txt --out elsewhere/never.tlog-proof
(cd elsewhere && "$zheng" check never.tlog-proof --policy policy --file other.txt)
expect 1 "$zheng" check elsewhere/never.tlog-proof --policy elsewhere/policy --file contract.txt
"$zheng" prove ledger --file contract.txt --with-records --out elsewhere/contract.proofs
"$zheng" prove ledger --subject 案件-2026-001 --with-records --out elsewhere/case.proofs
(cd elsewhere && "$zheng" check contract.proofs --policy policy --file contract.txt && "$zheng" check case.proofs --policy policy)

say "The roster changes when two administrators agree."
"$zheng" key new health.pem > health.txt
openssl pkey -in health.pem -pubout -out health.pub.pem
proposal=$("$zheng" members add ledger health --zh 卫生健康委 --en 'Health Commission' --public-key health.pub.pem \
  --key data-bureau.pem --json | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p')
expect 2 "$zheng" append ledger --key health.pem contract.txt
"$zheng" members approve ledger "$proposal" --key court.pem
"$zheng" append ledger --key health.pem contract.txt
"$zheng" members ledger

say "The log is exported for any web server."
"$zheng" export ledger export

say "A node serves it: records come in and proofs go out over HTTP."
"$zheng" node ledger --listen 127.0.0.1:0 > node.txt 2> node.log &
node=$!
trap 'kill "$node" 2>/dev/null || true' EXIT
for _ in $(seq 100); do grep -q http node.txt && break; sleep 0.1; done
url=$(sed -n 's/.*\(http:[^ ]*\).*/\1/p' node.txt)
printf 'through the node' > through.txt
"$zheng" append "$url" --policy elsewhere/policy --key court.pem --type text/plain through.txt | tee receipt.txt
expect 75 "$zheng" append ledger --key court.pem contract.txt
kill -TERM "$node"
wait "$node"
trap - EXIT
read -r index _ < receipt.txt
"$zheng" prove ledger "$index" --out through.tlog-proof
"$zheng" check through.tlog-proof --policy elsewhere/policy --file through.txt

say "One byte is changed in a copy, and found."
cp -r ledger tampered
position=$(($(stat -c %s tampered/entries/000000000000) / 2))
byte=$(od -An -tu1 -j "$position" -N 1 tampered/entries/000000000000)
printf "\\$(printf %o $(((byte + 1) % 256)))" | dd of=tampered/entries/000000000000 bs=1 seek="$position" conv=notrunc status=none
expect 1 "$zheng" verify tampered --policy ledger/policy

say "Done; everything is in $folder"
