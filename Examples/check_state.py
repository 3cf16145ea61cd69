#!/usr/bin/env python3
"""Checks what a ledger's state is, and what is not in it, against a policy, independently of `zheng check`.

    python3 check_state.py PROOF POLICY [RECORD ...]
    python3 check_state.py --vectors FILE

PROOF is a state proof (`zheng prove LEDGER --file F`), and each RECORD the proof of a record: they must be all that one
of its values lists. FILE has test vectors of the state tree. Needs PyPI's `cryptography` and `cbor2`. Exits with 1 and the reason where something
is not proven.
"""

import json
import sys

import cbor2

import check_proof
from c2sp import Note, Policy, Refused, leaf_hash, root_from_path, sha256

ZERO = bytes(32)


def path_of(key):
    return sha256(b"\x10" + key)


def bit(path, depth):
    return path[depth // 8] >> (7 - depth % 8) & 1


def state_root(leaves, depth=0):
    """The hash over (path, hash of the value) pairs that share their first `depth` bits."""
    if len(leaves) < 2:
        return sha256(b"\x02" + b"".join(leaves[0])) if leaves else ZERO
    sides = [state_root([leaf for leaf in leaves if bit(leaf[0], depth) == side], depth + 1) for side in (0, 1)]
    return sha256(b"\x03" + b"".join(sides))


def check_key(proof, root):
    """(key, value or None: proven to have none) of an encoded `[key, value, bitmap, siblings, other]` under a root."""
    key, value, bitmap, siblings, other = parts = cbor2.loads(proof)
    if cbor2.dumps(parts, canonical=True) != proof:
        raise Refused("not a proof for a key in its one encoding")
    if type(key) is not bytes or type(bitmap) is not bytes or type(siblings) is not list or len(bitmap) > 32:
        raise Refused("a part of the proof is of another type")
    if bitmap.endswith(b"\0") or any(type(s) is not bytes or len(s) != 32 or s == ZERO for s in siblings):
        raise Refused("an empty sibling is given")
    given = [bit(bitmap, depth) for depth in range(8 * len(bitmap))]
    if sum(given) != len(siblings):
        raise Refused("the siblings are not those that the bitmap names")
    depth = max((place + 1 for place, is_given in enumerate(given) if is_given), default=0)
    path = path_of(key)
    if value is not None and (type(value) is not bytes or other is not None):
        raise Refused("a value that is no bytes, or that has another leaf beside it")
    if other is not None:
        if type(other) is not list or [(type(part), len(part)) for part in other] != [(bytes, 32)] * 2:
            raise Refused("the other leaf is not a path and a hash")
        if other[0] == path or any(bit(other[0], level) != bit(path, level) for level in range(depth)):
            raise Refused("the other leaf is not at the place of the key")
    leaf = other if value is None else (path, sha256(value))
    node = ZERO if leaf is None else sha256(b"\x02" + b"".join(leaf))
    for level in reversed(range(depth)):
        sibling = siblings.pop() if given[level] else ZERO
        node = sha256(b"\x03" + (sibling + node if bit(path, level) else node + sibling))
    if node != root:
        raise Refused("the proof leads to another root of the state")
    return key, value


def chain_of(statement_ids):
    chain = ZERO
    for statement_id in statement_ids:
        chain = sha256(b"\x11" + chain + statement_id)
    return chain


def check(proof_file, policy_file, *record_files):
    extra, index, path, checkpoint = check_proof.read_proof(open(proof_file, encoding="utf-8").read())
    policy = Policy(open(policy_file, encoding="utf-8").read())
    log, size, root, times, time = policy.evaluate(Note(checkpoint))
    header_entry, first, *more = check_proof.items_of(extra)
    if index + 1 != size or root_from_path(index, size, leaf_hash(header_entry), path) != root:
        raise Refused("the checkpoint does not end with the header")
    # An audit checks whose block key signed the header; the validators did before they signed the checkpoint.
    header = check_proof.Sign1(header_entry)
    block = cbor2.loads(header.payload)
    if header.protected[3] != "application/vnd.zheng.block+cbor" or 15 in header.protected or block["size"] != index:
        raise Refused("the entry is no header of a block")
    policy.require_block(block["height"])
    checked = [check_proof.check(name, policy_file) for name in record_files]
    records = sorted((number, statement.id) for number, statement in checked)
    if records and records[-1][0] >= index:
        raise Refused("a record is not of this block or an earlier one")
    chain = chain_of([statement_id for _, statement_id in records])
    found = records and {"count": len(records), "first": records[0][0], "last": records[-1][0], "chain": chain}
    complete = False
    print(f"block     {block['height']}, log {log.name}, by the word of {', '.join(times) or 'the log alone'}")
    for proof in [first, *more]:
        key, value = check_key(proof, block["state"])
        print(f"key       {key!r}")
        print(f"value     {cbor2.loads(value)!r}" if value is not None else "value     none: proven not to be there")
        if records and value is not None and cbor2.loads(value) == found:
            complete = True
            print(f"records   these {len(records)} are all, as of this block")
    if records and not complete:
        raise Refused(f"the {len(records)} records given are not those that a list of the proof has")


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
    arguments = sys.argv[1:]
    if len(arguments) < 2 or arguments[0] == "--vectors" and len(arguments) > 2:
        sys.exit(__doc__)
    try:
        check_vectors(arguments[1]) if arguments[0] == "--vectors" else check(*arguments)
    except (Refused, ValueError, KeyError, IndexError, TypeError, cbor2.CBORError) as reason:
        print(f"not proven: {reason}", file=sys.stderr)
        sys.exit(1)
