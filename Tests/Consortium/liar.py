"""A validator that lies: votes made with its key by a program that shares no code with Zheng (openssl signs). Standard library only."""
import json
import os
import subprocess
import tempfile

from cluster import NAMES, Failed, text


def cbor(value):
    """`value` in RFC 8949 core deterministic form: whole numbers, bytes, texts, lists and maps."""
    def head(kind, number):
        for size, extra in ((24, None), (1 << 8, 1), (1 << 16, 2), (1 << 32, 4), (1 << 64, 8)):
            if number < size:
                if extra is None:
                    return bytes([kind << 5 | number])
                return bytes([kind << 5 | 23 + extra.bit_length()]) + number.to_bytes(extra, "big")
        raise ValueError(number)

    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    pairs = sorted((cbor(key), cbor(item)) for key, item in value.items())
    return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)


def signature(key, message):
    """The Ed25519 signature by the private key in the file `key`."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/message", "wb") as file:
            file.write(message)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", f"{folder}/message"], capture_output=True, check=False)
    if done.returncode != 0 or len(done.stdout) != 64:
        raise Failed(f"openssl does not sign: {done.stderr.decode()}")
    return done.stdout


class Liar:
    """Whoever has the keys of the validator called `name`, whose node has ended."""

    def __init__(self, founded, name):
        self.founded, self.name, self.place = founded, name, NAMES.index(name)
        self.key = f"{founded.ledger(name)}/keys/{name}.vote.pem"
        members = json.loads(founded.must("members", founded.ledger(name), "--json", of=name))
        self.ledger, self.roster = bytes.fromhex(members["ledger"]), bytes.fromhex(members["roster"])

    def vote(self, height, number, digest):
        """A vote for the block `digest` in round `number` of `height`."""
        said = {"kind": "vote", "height": height, "round": number, "digest": digest}
        signed = b"zheng/consensus/v1\n" + cbor({"ledger": self.ledger, "roster": self.roster, **said})
        return cbor({**said, "by": self.place, "signature": signature(self.key, signed)})

    def post(self, etcd, height, number, message, user=None):
        """Puts a vote on the board, in the place of whatever is there: nobody but this validator may write there, and it lies."""
        key = f"/zheng/{self.ledger.hex()}/by/{self.name}/{height:020}/{number:06}/vote".encode()
        for member in etcd.members:
            token = member.call("/v3/auth/authenticate", name=user[0], password=user[1])["token"] if user else None
            if member.call("/v3/kv/put", token, key=text(key), value=text(message)) is not None:
                return
        raise Failed("no member of etcd takes the liar's vote")

    def vote_twice(self, etcd, height, user=None):
        """Two votes of one round, for two blocks that nobody has proposed."""
        for number in (1, 2):
            self.post(etcd, height, 0, self.vote(height, 0, bytes([number]) * 32), user)


if __name__ == "__main__":
    assert cbor({"b": [1, 300], "a": b"\x01"}).hex() == "a2616141016162820119012c"
    assert cbor(1 << 32).hex() == "1b0000000100000000" and cbor(24).hex() == "1818" and cbor("").hex() == "60"
    os.write(1, b"good\n")
