#!/usr/bin/env python3
"""Holds Examples/check_state.py to test vectors of the state tree.

    python3 state_vectors.py FILE

Exits with 1 and the reason where one does not hold.
"""

import json
import os
import sys

import cbor2

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "Examples"))
from c2sp import Refused, sha256
from check_state import ZERO, bit, chain_of, check_key, path_of


def state_root(leaves, depth=0):
    """The hash over (path, hash of the value) pairs that share their first `depth` bits."""
    if len(leaves) < 2:
        return sha256(b"\x02" + b"".join(leaves[0])) if leaves else ZERO
    sides = [state_root([leaf for leaf in leaves if bit(leaf[0], depth) == side], depth + 1) for side in (0, 1)]
    return sha256(b"\x03" + b"".join(sides))


def check_vectors(name):
    vectors = json.load(open(name, encoding="utf-8"))
    state, held, read = {}, 0, bytes.fromhex

    def root_of(pairs):
        return state_root([(path_of(read(key)), sha256(read(value))) for key, value in pairs]).hex()

    def proven(case, tree):
        try:
            key, value = check_key(read(case["proof"]), read(tree["root"]))
            return key.hex() == case["key"], value and value.hex()
        except (Refused, TypeError, ValueError, cbor2.CBORError):
            return False, None

    for tree in vectors["trees"]:
        results = [root_of(tree["entries"]) == tree["root"]]
        results += [proven(case, tree) == (True, case["value"]) for case in tree["proofs"]]
        results += [not proven(case, tree)[0] for case in tree["refused"]]
        if not all(results):
            raise Refused(f"vector {results.index(False)} of the tree {tree['name']!r}")
        held += len(results)
    for update in vectors["updates"]:
        state = {key: value for key, value in (state | dict(update["changes"])).items() if value is not None}
        if root_of(state.items()) != update["root"]:
            raise Refused("the root after an update")
    ids = [read(step["statement"]) for step in vectors["chains"]]
    if [chain_of(ids[: n + 1]).hex() for n in range(len(ids))] != [step["chain"] for step in vectors["chains"]]:
        raise Refused("a chain")
    print(f"{held + len(vectors['updates']) + len(ids)} vectors hold")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        check_vectors(sys.argv[1])
    except Refused as reason:
        sys.exit(f"not held: {reason}")
