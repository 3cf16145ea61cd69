#!/usr/bin/env python3
"""Checks what a ledger's state is, and what is not in it, against a policy, independently of `zheng check`.

    python3 check_state.py PROOF POLICY [RECORD ...]

PROOF is a state proof (`zheng prove LEDGER --file F`), and each RECORD the proof of a record: they must be all that one
of its values lists. Needs PyPI's `cryptography` and `cbor2`. Exits with 1 and the reason where something
is not proven.
"""

import sys

import cbor2

import check_proof
from c2sp import Note, Policy, Refused, leaf_hash, root_from_path, sha256

ZERO = bytes(32)


def path_of(key):
    return sha256(b"\x10" + key)


def bit(path, depth):
    return path[depth // 8] >> (7 - depth % 8) & 1


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


def block_of(entry, index, path, size, root):
    """What the header says that is the entry `index` of the tree with this size and root."""
    if root_from_path(index, size, leaf_hash(entry), path) != root:
        raise Refused("the header is not in the tree of the checkpoint")
    # An audit checks whose block key signed the header; the validators did before they signed the checkpoint.
    header = check_proof.Sign1(entry)
    block = cbor2.loads(header.payload)
    if header.protected[3] != "application/vnd.zheng.block+cbor" or 15 in header.protected or block["size"] != index:
        raise Refused("the entry is no header of a block")
    return block


def check(proof_file, policy_file, *record_files):
    extra, index, path, checkpoint = check_proof.read_proof(open(proof_file, encoding="utf-8").read())
    policy = Policy(open(policy_file, encoding="utf-8").read())
    log, size, root, times, time = policy.evaluate(Note(checkpoint))
    header, *proofs = check_proof.items_of(extra)
    block = then = block_of(header, index, path, size, root)
    if index + 1 != size:
        raise Refused("the checkpoint does not end with the header")
    if proofs[0][0] >> 5 == 6:  # the header of an earlier block, as of which the lists are asked for, and its place
        then, proofs = block_of(proofs[0], *cbor2.loads(proofs[1]), size, root), proofs[2:]
        if then["height"] >= block["height"]:
            raise Refused("the block as of which it is asked is not an earlier one")
    policy.require_block(block["height"])
    checked = [check_proof.check(name, policy_file) for name in record_files]
    records = sorted((number, statement.id) for number, statement in checked)
    if records and records[-1][0] >= index:
        raise Refused("a record is not of this block or an earlier one")
    chain = chain_of([statement_id for _, statement_id in records])
    found = records and {"count": len(records), "first": records[0][0], "last": records[-1][0], "chain": chain}
    known = len([number for number, _ in records if number < then["size"]])
    complete = False
    print(f"block     {block['height']}, log {log.name}, by the word of {', '.join(times) or 'the log alone'}")
    for key, value in [check_key(proof, block["state"]) for proof in proofs]:
        print(f"key       {key!r}")
        value = value and cbor2.loads(value)
        print(f"value     {value!r}" if value is not None else "value     none: proven not to be there")
        if then is not block and value and value["first"] >= then["size"]:
            print(f"then      none: the first is behind block {then['height']}")
        if records and value == found:
            complete = True
            print(f"records   {known} of these {len(records)} are all, as of block {then['height']}")
    if records and not complete:
        raise Refused(f"the {len(records)} records given are not those that a list of the proof has")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        check(*sys.argv[1:])
    except (Refused, ValueError, KeyError, IndexError, TypeError, cbor2.CBORError) as reason:
        print(f"not proven: {reason}", file=sys.stderr)
        sys.exit(1)
