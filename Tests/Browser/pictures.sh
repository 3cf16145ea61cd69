#!/bin/sh
# Makes the pictures of the README anew, of the demo's stories: the check page with a match, and the certificate.
#
#     Tests/Browser/pictures.sh ZHENG PYTHON CHROMIUM [FOLDER]
set -eu
zheng=$1 python=$2 chromium=$3
here=$(dirname "$0")
folder=${4:-$here/../../Examples/pictures}
. "$here/demo_node.sh"
"$python" "$here/pictures.py" "$chromium" "$url" --file "$demo/judge/租赁合同.txt" --certificate "$demo/judge/certificate.html" "$folder"
