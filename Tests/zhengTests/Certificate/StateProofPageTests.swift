import Foundation
import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@testable import Certificates

/// The state proofs that the script of a certificate checks, by the script alone: a page that holds nothing else runs it.
@Suite(
  "state proofs in the page's script", .timeLimit(.minutes(30)),
  .enabled(if: Chromium.canBeDriven, "no chromium or no python3 here to run the script in"))
struct StateProofPageTests {
  /// What the script's own end is replaced by: `body`, which has what is `given` at hand.
  private func failures(_ given: some Encodable, _ body: String) async throws -> [String] {
    let ending = """
        if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', run);
        else run();
      """
    let script = CertificateTemplate.newest.script
    try #require(script.contains(ending))
    let hooked = script.replacing(
      ending,
      with: """
        document.addEventListener('DOMContentLoaded', async () => {
          const given = JSON.parse(document.getElementById('given').textContent);
          const isRefused = async (promise) => promise.then(() => false, () => true);
          \(body)
          document.documentElement.dataset.checks = 'done';
        });
        """)
    let box = try Sandbox()
    let json = String(decoding: try JSONEncoder().encode(given), as: UTF8.self)
    try box.write(
      "page.html",
      """
      <!doctype html><meta charset="utf-8"><ul id="results"></ul>
      <script type="application/json" id="given">\(json)</script><script>\(hooked)</script>
      """)
    let seen = try #require(try await Chromium.look(box, [["page": "page.html"]]).first)
    let page = try #require(seen["page"] as? [String: Any])
    let checks = try #require(page["checks"] as? [String: String])
    let texts = try #require(page["texts"] as? [String: String])
    try #require(!checks.isEmpty)
    return checks.filter { $0.value != "passed" }.keys.sorted().map { texts[$0] ?? $0 }
  }

  private struct Vectors: Codable {
    let trees: [Tree]
    let chains: [Chain]
    struct Tree: Codable {
      let name, root: String
      let proofs, refused: [Proof]
    }
    struct Proof: Codable {
      let why: String?
      let key: String
      let value: String?
      let proof: String
    }
    struct Chain: Codable { let statement, chain: String }
  }

  @Test(
    "every proof of the vectors is taken with its value, every other one and every second spelling is refused",
    .enabled(if: TestKit.Vectors.areHere, "no test vectors on this machine"))
  func vectors() async throws {
    let vectors = try TestKit.Vectors.decode(Vectors.self, "state-tree/vectors.json")
    #expect(vectors.trees.map(\.proofs.count).reduce(0, +) == 122)
    #expect(vectors.trees.map(\.refused.count).reduce(0, +) == 709)
    let failed = try await failures(
      vectors,
      """
      const head = (major, count) => new Uint8Array(count < 24 ? [major << 5 | count] : count < 256 ? [major << 5 | 24, count] :
        [major << 5 | 25, count >> 8, count & 255]);
      const spell = (item) => item === null ? new Uint8Array([0xf6]) : item instanceof Uint8Array ? concat(head(2, item.length), item) :
        concat(head(4, item.length), ...item.map(spell));
      // What comes to the same root and is not the one proof: other spellings of array, length and end, a sibling too many, and an
      // empty one that is given.
      const others = (proof, key) => {
        const [, value, bitmap, siblings, other] = Reader.whole(proof);
        const same = spell([key, value, bitmap, siblings, other]);
        require(equal(same, proof), 'not as the vector has it');
        const rest = same.subarray(1 + head(2, key.length).length);
        const all = [concat(new Uint8Array([0x98, 5]), same.subarray(1)), concat(same, new Uint8Array([0xf6])), same.subarray(0, -1),
          concat(new Uint8Array([0x9f]), same.subarray(1), new Uint8Array([0xff])), concat(new Uint8Array([0xc1]), same),
          concat(new Uint8Array([0x85, 0x59, key.length >> 8, key.length & 255]), rest),
          spell([key, value, bitmap, siblings]), spell([key, value, bitmap, siblings, other, null]),
          spell([key, value, bitmap, [root, ...siblings], other])];
        const at = Array.from({ length: 8 * bitmap.length }, (_, level) => bit(bitmap, level));
        for (let level = 0; level < at.lastIndexOf(1); level++) {
          if (at[level]) continue;
          const more = bitmap.slice();
          more[level >> 3] |= 0x80 >> (level & 7);
          const before = at.slice(0, level).filter((isGiven) => isGiven).length;
          all.push(spell([key, value, more, [...siblings.slice(0, before), empty, ...siblings.slice(before)], other]));
        }
        return all;
      };
      let root;
      await attempt('place', 'a leaf that is not at the place of the key', async () => {
        const path = await sha256(new Uint8Array([0x10]), utf8.encode('key'));
        const foreign = [path.map((byte) => byte ^ 255), path];
        const pair = [await sha256(new Uint8Array([2]), ...foreign), path];
        const made = await sha256(new Uint8Array([3]), ...(bit(path, 0) ? pair.reverse() : pair));
        const proof = spell([utf8.encode('key'), null, new Uint8Array([0x80]), [path], foreign]);
        return answer(await checkKey(proof, made).then(() => false, (fault) => fault.message.includes('place of the key')));
      });
      for (const [number, tree] of given.trees.entries()) {
        await attempt(`tree-${number}`, tree.name, async () => {
          root = unhex(tree.root);
          for (const vector of tree.proofs) {
            const { key, value } = await checkKey(unhex(vector.proof), root);
            require(hex(key) === vector.key, 'another key');
            require(vector.value === undefined ? value === null : hex(value) === vector.value, 'another value');
            for (const other of others(unhex(vector.proof), key)) {
              require(await isRefused(checkKey(other, root)), `taken: ${hex(other)}`);
            }
          }
          for (const { proof, key, why } of tree.refused) {
            const taken = await checkKey(unhex(proof), root).then((proven) => hex(proven.key) === key, () => false);
            require(!taken, `taken: ${why}`);
          }
          return answer(true);
        });
      }
      await attempt('chains', 'chains', async () => {
        const ids = [];
        for (const { statement, chain } of given.chains) {
          ids.push(unhex(statement));
          require(hex(await chainOf(ids)) === chain, `after ${ids.length}`);
        }
        return answer(true);
      });
      """)
    #expect(failed == [])
  }

  private struct Given: Encodable {
    let policy, good: String
    let absent, listed: String
    let bad: [String: String]
    /// Index and id of each record of the list.
    let records: [[String]]
  }

  @Test(
    "a state proof holds by the header that ends its checkpoint, and a list by exactly its records; all else is refused"
  )
  func whole() async throws {
    var hasher = StateHasher()
    let (log, validator) = (try NoteSigner.log("example.org/log"), try TestValidator("one"))
    let records = (0..<3).map { (id: SHA256.digest(of: [UInt8($0)]), index: UInt64(10 + 2 * $0)) }
    let list = try #require(RecordList(records, using: &hasher))
    let (key, missing) = (Array("subject\u{0}plain\u{0}a".utf8), Array("subject\u{0}plain\u{0}b".utf8))
    // The tree of one leaf, which is its root; the leaf is what is there instead of any other key.
    let path = SHA256.digest(of: [0x10] + key)
    let valueHash = SHA256.digest(of: list.encoded)
    let state = SHA256.digest(of: [2] + path.bytes + valueHash.bytes)
    let present = CBOR.array([.bytes(key), .bytes(list.encoded), .bytes([]), .array([]), .null]).encoded
    let other = CBOR.array([.bytes(path.bytes), .bytes(valueHash.bytes)])
    let absent = CBOR.array([.bytes(missing), .null, .bytes([]), .array([]), other]).encoded
    func header(_ size: UInt64, _ state: CBOR?, type: String = Kind.block, claims: Claims? = nil) throws
      -> [UInt8]
    {
      var pairs: [(CBOR, CBOR)] = [(.text("size"), .unsigned(size)), (.text("height"), .unsigned(5))]
      if let state { pairs.append((.text("state"), state)) }
      return try StatementDraft(contentType: type, claims: claims, payload: CBOR.map(CBORMap(pairs)).encoded)
        .signed(by: validator.blockKey).entry
    }
    /// The proof of `entry` as entry `index` of a log of two entries, or of three.
    func proof(_ entry: [UInt8], _ proofs: [UInt8], index: UInt64 = 1, size: UInt64 = 2) throws -> String {
      var tree = TreeHasher()
      let before: [UInt8] = [1, 2, 3]
      let (first, leaf) = (tree.leaf(before.span), tree.leaf(entry.span))
      var (root, path) = (tree.node(first, leaf), [first])
      if size == 3 { (root, path) = (tree.node(root, first), [first, first]) }
      let text = try Checkpoint(origin: "example.org/log", size: size, root: root).text
      let note = try SignedNote(text: text, signatures: [log.sign(text)])
      let bytes = try TLogProof(extra: entry + proofs, index: index, path: path, checkpoint: note).bytes
      return String(decoding: bytes, as: UTF8.self)
    }
    let good = try header(1, .bytes(state.bytes))
    let claims = Claims(issuer: "a", subject: nil, audience: state, issuedAt: 1, tokenID: freshTokenID())
    var flipped = present
    flipped[flipped.count / 2] ^= 1
    let given = try Given(
      policy: "log \(log.verifierKey)\nquorum none\n", good: proof(good, present + absent),
      absent: Hex.encode(missing), listed: Hex.encode(key),
      bad: [
        "no key": proof(good, []), "a key twice": proof(good, present + present),
        "a value altered": proof(good, flipped), "bytes that are left over": proof(good, present + [0xf6]),
        "a checkpoint that goes on": proof(good, present, size: 3),
        "a header of another place": proof(header(0, .bytes(state.bytes)), present),
        "a header without a state": proof(header(1, nil), present),
        "a state that is no hash": proof(header(1, .bytes(Array(state.bytes.dropLast()))), present),
        "another state": proof(header(1, .bytes(path.bytes)), present),
        "a record": proof(header(1, .bytes(state.bytes), type: "application/cbor"), present),
        "a statement": proof(header(1, .bytes(state.bytes), claims: claims), present),
        "another log": proof(good, present).replacing("example.org/log", with: "example.org/lag"),
      ],
      records: records.map { ["\($0.index)", $0.id.hex] })
    let failed = try await failures(
      given,
      """
      const policy = await readPolicy(given.policy);
      const records = given.records.map(([index, id]) => ({ index: BigInt(index), id: unhex(id) }));
      await attempt('good', 'a state proof', async () => {
        const { block, values } = await checkState(given.good, policy);
        require(block.get('height') === 5n && values.size === 2, 'another block or other keys');
        require(values.get(given.absent) === null, 'a key that is not there');
        const value = values.get(given.listed);
        await requireAll(value, records);
        await requireAll(null, []);
        const [a, b, c] = records;
        const wrong = { 'left out': [a, c], 'the last left out': [a, b], 'the first left out': [b, c], none: [], doubled: [a, b, b, c],
          exchanged: [a, c, b], added: [...records, { index: 99n, id: c.id }], foreign: [a, { index: b.index, id: a.id }, c],
          'another place': [{ index: 9n, id: a.id }, b, c] };
        for (const [what, those] of Object.entries(wrong)) require(await isRefused(requireAll(value, those)), `taken: ${what}`);
        require(await isRefused(requireAll(null, records)), 'taken: records of nothing');
        require(await isRefused(requireAll(unhex('a0'), [])), 'taken: a list that is none');
        return answer(true);
      });
      for (const [what, proof] of Object.entries(given.bad)) {
        await attempt(what.replaceAll(' ', '-'), what, async () => answer(await isRefused(checkState(proof, policy))));
      }
      """)
    #expect(failed == [])
  }
}
