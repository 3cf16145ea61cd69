// Checks a record's proof as others would: golang.org/x/mod reads the checkpoint and the inclusion proof, and nothing of Zheng is used.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run check_proof.go PROOF POLICY LEAF
//
// Prints how many validators of the policy have cosigned, the quorum, and the time in s by which that many had; ends with status 1 and the
// reason where anything does not hold. x/mod is Debian's golang-golang-x-mod-dev.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// cosigner verifies timestamped cosignatures (c2sp.org/tlog-cosignature, type 0x04), which note itself does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(c.key, []byte(signed), signature[8:])
}

// newCosigner reads a verifier key, name+hash+base64(0x04 || key).
func newCosigner(vkey string) cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		log.Fatalf("%q is not a verifier key", vkey)
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	check(err)
	key := decoded(parts[2])
	if len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		log.Fatalf("%s: not a cosigner's key", parts[0])
	}
	sum := sha256.Sum256([]byte(parts[0] + "\n" + string(key)))
	if binary.BigEndian.Uint32(sum[:]) != uint32(hash) {
		log.Fatalf("%s: the key's hash is another", parts[0])
	}
	return cosigner{parts[0], uint32(hash), key[1:]}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func decoded(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	check(err)
	return data
}

func read(path string) string {
	data, err := os.ReadFile(path)
	check(err)
	return string(data)
}

func main() {
	log.SetFlags(0)
	proof, policy, leaf := read(os.Args[1]), read(os.Args[2]), read(os.Args[3])

	// The policy: one log, and one group of validators that is the quorum.
	var origin note.Verifier
	var verifiers []note.Verifier
	validators := map[string]cosigner{}
	quorum := 0
	for _, line := range strings.Split(policy, "\n") {
		switch words := strings.Fields(line); {
		case len(words) == 2 && words[0] == "log":
			verifier, err := note.NewVerifier(words[1])
			check(err)
			origin, verifiers = verifier, append(verifiers, verifier)
		case len(words) == 3 && words[0] == "witness":
			validator := newCosigner(words[2])
			validators[validator.name], verifiers = validator, append(verifiers, validator)
		case len(words) > 3 && words[0] == "group":
			count, err := strconv.Atoi(words[2])
			check(err)
			quorum = count
		}
	}
	if origin == nil || quorum == 0 {
		log.Fatal("the policy names no log, or no quorum")
	}

	// The proof: a head with the index and the hashes, an empty line, and the checkpoint.
	head, checkpoint, _ := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[2], "index ") {
		log.Fatal("not a proof")
	}
	index, err := strconv.ParseInt(lines[2][len("index "):], 10, 64)
	check(err)
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		check(err)
		path = append(path, hash)
	}

	// note.Open fails where a line by a key of the policy does not verify; each key counts once.
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(verifiers...))
	check(err)
	isLogged := false
	var times []uint64
	for _, signature := range opened.Sigs {
		if signature.Name == origin.Name() && signature.Hash == origin.KeyHash() {
			isLogged = true
		} else if validator, ok := validators[signature.Name]; ok && validator.hash == signature.Hash {
			times = append(times, binary.BigEndian.Uint64(decoded(signature.Base64)[4:]))
		}
	}
	if !isLogged {
		log.Fatal("the log has not signed the checkpoint")
	}
	if len(times) < quorum {
		log.Fatalf("%d of %d validators have cosigned the checkpoint; %d must", len(times), len(validators), quorum)
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })

	text := strings.Split(opened.Text, "\n")
	if len(text) != 4 || text[0] != origin.Name() {
		log.Fatal("not a checkpoint of the policy's log")
	}
	size, err := strconv.ParseInt(text[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(text[2])
	check(err)
	check(tlog.CheckRecord(path, size, root, index, tlog.RecordHash([]byte(leaf))))
	fmt.Println(len(times), quorum, times[quorum-1])
}
