"""A proof judged by software that shares no code with Zheng: Go's note and tlog (`check_proof.go`). Standard library only."""
import datetime
import json
import os
import shutil
import subprocess

from cluster import NAMES, QUORUM, Failed, installed, must, run

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_proof.go")


def find_go():
    """Go's program, with golang.org/x/mod, Debian's packages; None where they are not there and can't be installed."""
    if (shutil.which("go") or installed("golang-go")) and installed("golang-golang-x-mod-dev"):
        return shutil.which("go")
    if os.environ.get("CI") == "true":
        raise Failed("a proof is to be judged by Go: install Debian's golang-go and golang-golang-x-mod-dev")
    return None


def judged_by_go(founded, proof):
    """Sees that Go says the same as `zheng check` of the file `proof`, and refuses it with a byte altered and without a quorum; in words."""
    go = find_go()
    if go is None:
        return "left out: a check of it by Go, which is not here and can't be installed"
    checker, leaf = f"{founded.folder}/check_proof", f"{founded.folder}/leaf"
    env = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=f"{founded.folder}/go", GOFLAGS="", CGO_ENABLED="0")
    must(go, "build", "-o", checker, SOURCE, env=env, seconds=600)
    with open(leaf, "wb") as file:
        subprocess.run([founded.zheng, "check", proof, "--policy", founded.policy, "--entry"], stdout=file, env=founded.env, timeout=60, check=True)
    theirs = [int(word) for word in must(checker, proof, founded.policy, leaf).split()]
    said = json.loads(founded.must("check", proof, "--policy", founded.policy, "--json"))
    time = datetime.datetime.fromisoformat(said["noLaterThan"].replace("Z", "+00:00"))
    ours = [len(said["witnesses"]), QUORUM, int(time.timestamp())]
    if theirs != ours:
        raise Failed(f"cosigners, quorum and time are {theirs} to Go, and {ours} to zheng check")
    with open(proof, encoding="utf-8") as file:
        head, _, lines = file.read().rpartition("\n\n")
    # The log's line is the first.
    lines = lines.splitlines()
    last = lines[-1]
    altered = last[:-20] + ("B" if last[-20] == "A" else "A") + last[-19:]
    for what, wrong in (("altered", lines[:-1] + [altered]), ("short", lines[:QUORUM])):
        with open(f"{proof}-{what}", "w", encoding="utf-8") as file:
            file.write(head + "\n\n" + "".join(f"{line}\n" for line in wrong))
        if run(checker, f"{proof}-{what}", founded.policy, leaf).returncode != 1:
            raise Failed(f"Go takes {proof}-{what}")
    return (f"Go says the same: {theirs[0]} of {len(NAMES)} validators, no later than {said['noLaterThan']}; it refuses the proof with a byte "
            f"altered, and with {QUORUM - 1} cosignatures")
