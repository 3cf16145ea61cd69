#!/usr/bin/env python3
"""Holds Examples/verify_export.py to what it must refuse: a changed byte in any file, a dropped entry, swapped values of the state.

    python3 export_faults.py EXPORT POLICY

EXPORT must be good, with 2 to 256 entries. Of each file the first byte, the last and some between are changed; needs PyPI's `cbor2`.
"""

import base64
import contextlib
import io
import os
import random
import shutil
import sys
import tempfile

import cbor2

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "Examples"))
import verify_export
from c2sp import leaf_hash, tree_root

SOME = 12  # of the bytes of each file


def is_good(folder, policy):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            verify_export.verify(folder, policy)
        return True
    except verify_export.FAULTS + (OSError,):
        return False


def tampered(folder, policy, path, data):
    """Whether the export is still taken with `data` in the place of the file at `path`."""
    with open(path, "rb") as file:
        before = file.read()
    try:
        with open(path, "wb") as file:
            file.write(data)
        return is_good(folder, policy)
    finally:
        with open(path, "wb") as file:
            file.write(before)


def check(export, policy):
    with tempfile.TemporaryDirectory() as scratch:
        folder = shutil.copytree(export, os.path.join(scratch, "export"))
        if not is_good(folder, policy):
            sys.exit("not taken as it is")
        tried = 0
        for place, _, names in os.walk(folder):
            for name in set(names) - {"verify.html"}:
                path = os.path.join(place, name)
                data = open(path, "rb").read()
                if not data or name == "verify.html":
                    continue
                inside = random.sample(range(len(data)), min(SOME, len(data)))
                for at in {0, len(data) - 1, *inside}:
                    flipped = data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
                    tried += 1
                    if tampered(folder, policy, path, flipped):
                        sys.exit(f"byte {at} of {os.path.relpath(path, folder)} was changed, and not found")
        drop_an_entry(folder, policy)
        swap_values(folder, policy)
        print(f"{tried} changed bytes are found, a dropped entry, and swapped values of the state")


def drop_an_entry(folder, policy):
    """An entry less, and every tile as it would be: what remains is the checkpoint."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = shutil.copytree(folder, os.path.join(scratch, "copy"))
        size = int(open(os.path.join(copy, "checkpoint"), encoding="utf-8").read().split("\n")[1])
        name = verify_export.tile_path("entries", 0, min(256, size))
        bundle, records, at = open(os.path.join(copy, name), "rb").read(), [], 0
        while at < len(bundle):
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            records.append(bundle[at:end])
            at = end
        del records[1]
        leaves = [leaf_hash(record[2:]) for record in records]
        shutil.rmtree(os.path.join(copy, "tile"))
        for kind, content in (("entries", records), ("0", leaves)):
            path = os.path.join(copy, verify_export.tile_path(kind, 0, size - 1))
            os.makedirs(os.path.dirname(path))
            with open(path, "wb") as file:
                file.write(b"".join(content))
        note = open(os.path.join(copy, "checkpoint"), encoding="utf-8").read()
        if is_good(copy, policy):
            sys.exit("a dropped entry was not found")
        lines = note.split("\n")
        lines[1:3] = [str(size - 1), base64.b64encode(tree_root(leaves)).decode()]
        with open(os.path.join(copy, "checkpoint"), "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
        if is_good(copy, policy):
            sys.exit("a dropped entry was not found under a checkpoint that nobody signed")


def swap_values(folder, policy):
    path = os.path.join(folder, "state")
    if not os.path.exists(path) or not os.path.getsize(path):
        return
    stream, pairs = io.BytesIO(open(path, "rb").read()), []
    while stream.tell() < len(stream.getvalue()):
        pairs.append(cbor2.CBORDecoder(stream).decode())
    pairs[0][1], pairs[1][1] = pairs[1][1], pairs[0][1]
    if tampered(folder, policy, path, b"".join(cbor2.dumps(pair, canonical=True) for pair in pairs)):
        sys.exit("swapped values of the state were not found")
    if tampered(folder, policy, path, b"".join(cbor2.dumps(pair, canonical=True) for pair in pairs[1:])):
        sys.exit("a value of the state that is missing was not found")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    check(*sys.argv[1:])
