#!/usr/bin/env python3
"""Checks an exported log whole: the checkpoint under the policy, the root from the entry bundles, every tile.

    python3 check_export.py EXPORT POLICY

Needs PyPI's `cryptography`. Exits with 1 and the reason where something does not fit.
"""

import os
import sys

from c2sp import Note, Policy, Refused, leaf_hash, tree_root


def tile_path(kind, index, width):
    digits = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        digits = f"x{index % 1000:03d}/{digits}"
    return f"tile/{kind}/{digits}" + ("" if width == 256 else f".p/{width}")


def check(folder, policy_file):
    def read(path):
        with open(os.path.join(folder, path), "rb") as file:
            return file.read()

    policy = Policy(open(policy_file, encoding="utf-8").read())
    _, size, root, _, _ = policy.evaluate(Note(read("checkpoint").decode()))
    leaves, tiles = [], 0
    for first in range(0, size, 256):
        width = min(256, size - first)
        bundle, at = read(tile_path("entries", first // 256, width)), 0
        for _ in range(width):
            length = int.from_bytes(bundle[at : at + 2], "big")
            leaves.append(leaf_hash(bundle[at + 2 : at + 2 + length]))
            at += 2 + length
        if at != len(bundle):
            raise Refused(f"bundle {first // 256} is longer than its entries")
    if tree_root(leaves) != root:
        raise Refused("the entries do not hash to the root of the checkpoint")
    level, hashes = 0, leaves
    while hashes:
        for first in range(0, len(hashes), 256):
            part = hashes[first : first + 256]
            if read(tile_path(level, first // 256, len(part))) != b"".join(part):
                raise Refused(f"tile {first // 256} of level {level} differs")
            tiles += 1
        hashes = [tree_root(hashes[i : i + 256]) for i in range(0, len(hashes) - 255, 256)]
        level += 1
    print(f"{size} entries hash to the root of the checkpoint; {tiles} tiles are right")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        check(*sys.argv[1:])
    except (Refused, ValueError, OSError) as reason:
        print(f"not right: {reason}", file=sys.stderr)
        sys.exit(1)
