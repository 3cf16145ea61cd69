'use strict';
// Checks proofs in the browser, offline. A page cannot vouch for itself: `zheng check` is the authority.
// It reads the same formats as `zheng check` and shares no code with it: C2SP tlog-proof, signed-note, tlog-cosignature and
// tlog-policy, RFC 6962, RFC 9052.
(() => {
  const PASSED = 'passed';
  const FAILED = 'failed';
  const UNCHECKED = 'unchecked';
  const subtle = globalThis.crypto && globalThis.crypto.subtle;
  const utf8 = new TextEncoder();

  class Fault extends Error {}
  const require = (condition, reason) => {
    if (!condition) throw new Fault(reason);
  };
  // What a check that can be true, false, or null where this browser cannot make it, comes to.
  const stateOf = (good) => (good === null ? UNCHECKED : good ? PASSED : FAILED);
  const worst = (states) => (states.includes(FAILED) ? FAILED : states.includes(UNCHECKED) ? UNCHECKED : PASSED);

  // ---- Bytes

  const concat = (...parts) => {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  };
  const equal = (left, right) => left.length === right.length && left.every((byte, i) => byte === right[i]);
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  const text = (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const bigEndian = (bytes) => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const unbase64 = (spelled) => {
    let binary;
    try {
      binary = atob(spelled);
    } catch (error) {
      throw new Fault('not base64');
    }
    require(btoa(binary) === spelled, 'base64 with a second spelling');
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  };

  const ascending = (left, right) => (left < right ? -1 : left > right ? 1 : 0);

  // ---- SHA-256: Web Crypto, and a small one of our own for streams and for browsers that have none on file:

  class Sha256 {
    static k = Sha256.constants(64, 1 / 3);
    static h = Sha256.constants(8, 1 / 2);
    static constants(count, power) {
      const words = new Uint32Array(count);
      for (let prime = 2, found = 0; found < count; prime++) {
        let isPrime = true;
        for (let i = 2; i * i <= prime; i++) if (prime % i === 0) isPrime = false;
        if (isPrime) {
          const root = prime ** power;
          words[found++] = (root - Math.floor(root)) * 4294967296;
        }
      }
      return words;
    }
    constructor() {
      this.state = Sha256.h.slice();
      this.block = new Uint8Array(64);
      this.used = 0;
      this.length = 0;
      this.words = new Uint32Array(64);
    }
    update(bytes) {
      this.length += bytes.length;
      let at = 0;
      while (at < bytes.length) {
        const count = Math.min(64 - this.used, bytes.length - at);
        this.block.set(bytes.subarray(at, at + count), this.used);
        this.used += count;
        at += count;
        if (this.used === 64) {
          this.compress();
          this.used = 0;
        }
      }
    }
    compress() {
      const w = this.words;
      const k = Sha256.k;
      const input = this.block;
      for (let i = 0; i < 16; i++) {
        w[i] = (input[4 * i] << 24) | (input[4 * i + 1] << 16) | (input[4 * i + 2] << 8) | input[4 * i + 3];
      }
      for (let i = 16; i < 64; i++) {
        const x = w[i - 15];
        const y = w[i - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
      }
      let [a, b, c, d, e, f, g, h] = this.state;
      for (let i = 0; i < 64; i++) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        c = b;
        b = a;
        a = (t1 + t2) | 0;
      }
      [a, b, c, d, e, f, g, h].forEach((word, i) => {
        this.state[i] += word;
      });
    }
    finish() {
      const bits = BigInt(this.length) * 8n;
      const padding = new Uint8Array(((this.used < 56 ? 56 : 120) - this.used) + 8);
      padding[0] = 0x80;
      new DataView(padding.buffer).setBigUint64(padding.length - 8, bits);
      this.update(padding);
      const digest = new DataView(new ArrayBuffer(32));
      this.state.forEach((word, i) => digest.setUint32(4 * i, word));
      return new Uint8Array(digest.buffer);
    }
    static of(bytes) {
      const hash = new Sha256();
      hash.update(bytes);
      return hash.finish();
    }
  }

  const sha256 = async (...parts) => {
    const bytes = concat(...parts);
    return subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : Sha256.of(bytes);
  };

  // The whole file at once by Web Crypto where it is small, in pieces by our own where it is large.
  const sha256OfFile = async (file, progress) => {
    if (subtle && file.size <= 64 << 20) return sha256(new Uint8Array(await file.arrayBuffer()));
    const hash = new Sha256();
    const piece = 4 << 20;
    for (let at = 0; at < file.size; at += piece) {
      hash.update(new Uint8Array(await file.slice(at, at + piece).arrayBuffer()));
      progress(Math.min(at + piece, file.size));
    }
    return hash.finish();
  };

  // ---- Signatures: true, false, or null where this browser cannot check them

  const verified = async (algorithm, key, signature, message) => {
    if (!subtle) return null;
    const [name, how] = algorithm === 'ES256' ? [{ name: 'ECDSA', namedCurve: 'P-256' }, { name: 'ECDSA', hash: 'SHA-256' }] :
      [{ name: 'Ed25519' }, { name: 'Ed25519' }];
    try {
      return await subtle.verify(how, await subtle.importKey('raw', key, name, false, ['verify']), signature, message);
    } catch (error) {
      // A browser without Ed25519 says NotSupportedError; any other complaint is about key or signature.
      return error.name === 'NotSupportedError' ? null : false;
    }
  };

  // ---- CBOR in core deterministic form (RFC 8949 section 4.2.1), where an item has one spelling: integers as BigInt, strings as
  // Uint8Array and string, maps as Map, tags as { tag, item }

  class Reader {
    constructor(bytes) {
      this.bytes = bytes;
      this.at = 0;
    }
    take(count) {
      require(count <= this.bytes.length - this.at, 'CBOR ends too early');
      this.at += count;
      return this.bytes.subarray(this.at - count, this.at);
    }
    head() {
      const first = this.take(1)[0];
      const small = first & 31;
      if (small < 24) return [first >> 5, BigInt(small)];
      require(small < 28, 'CBOR with a head that is not allowed');
      const argument = bigEndian(this.take(1 << (small - 24)));
      require(argument >= [24n, 1n << 8n, 1n << 16n, 1n << 32n][small - 24], 'CBOR that could be shorter');
      return [first >> 5, argument];
    }
    count(argument) {
      require(argument <= BigInt(this.bytes.length - this.at), 'CBOR declares more than there is');
      return Number(argument);
    }
    item(depth = 0) {
      require(depth <= 16, 'CBOR nested too deep');
      const [major, argument] = this.head();
      switch (major) {
        case 0:
          return argument;
        case 1:
          return -1n - argument;
        case 2:
          return this.take(this.count(argument)).slice();
        case 3:
          return text(this.take(this.count(argument)));
        case 4:
          return Array.from({ length: this.count(argument) }, () => this.item(depth + 1));
        case 5: {
          const map = new Map();
          let last = '';
          for (let left = this.count(argument); left > 0; left--) {
            const start = this.at;
            const key = this.item(depth + 1);
            const spelled = hex(this.bytes.subarray(start, this.at));
            require(spelled > last, 'a CBOR map out of order, or with a key twice');
            last = spelled;
            map.set(key, this.item(depth + 1));
          }
          return map;
        }
        case 6:
          return { tag: argument, item: this.item(depth + 1) };
        default:
          require(argument >= 20n && argument <= 22n, 'CBOR with a simple value that is not allowed');
          return [false, true, null][Number(argument) - 20];
      }
    }
    static whole(bytes) {
      const reader = new Reader(bytes);
      const item = reader.item();
      require(reader.at === bytes.length, 'bytes follow a CBOR item');
      return item;
    }
    // The bytes of each item of a sequence.
    static sequence(bytes) {
      const reader = new Reader(bytes);
      const items = [];
      while (reader.at < bytes.length) {
        const start = reader.at;
        reader.item();
        items.push(bytes.subarray(start, reader.at));
      }
      return items;
    }
  }

  const byteString = (bytes) => {
    const n = bytes.length;
    // No entry of a log is longer.
    require(n < 65536, 'more bytes than an entry has');
    const head = n < 24 ? [0x40 | n] : n < 256 ? [0x58, n] : [0x59, n >> 8, n & 255];
    return concat(new Uint8Array(head), bytes);
  };

  // The greatest s that an ES256 signature may have: half the order of P-256.
  const halfOrder = '7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8';

  class Sign1 {
    static async of(bytes) {
      const tagged = Reader.whole(bytes);
      require(tagged && tagged.tag === 18n && Array.isArray(tagged.item) && tagged.item.length === 4, 'not a COSE_Sign1');
      const statement = new Sign1();
      const [rawProtected, unprotected, payload, signature] = tagged.item;
      require(unprotected instanceof Map && unprotected.size === 0, 'unprotected headers');
      statement.headers = Reader.whole(rawProtected);
      statement.payload = payload;
      statement.signature = signature;
      statement.signed = concat(
        new Uint8Array([0x84, 0x6a]), utf8.encode('Signature1'), byteString(rawProtected), new Uint8Array([0x40]),
        byteString(payload));
      statement.id = await sha256(statement.signed);
      statement.type = statement.headers.get(3n);
      statement.keyID = statement.headers.get(4n);
      statement.claims = statement.headers.get(15n);
      require(statement.algorithm !== 'ES256' || hex(signature.subarray(32)) <= halfOrder, 'an ES256 signature with a high s');
      return statement;
    }
    get algorithm() {
      const id = this.headers.get(1n);
      return id === -7n || id === -9n ? 'ES256' : id === -8n || id === -19n ? 'Ed25519' : 'unknown';
    }
  }

  // A COSE_Key: its algorithm, raw bytes and RFC 9679 thumbprint.
  const coseKey = async (key) => {
    const x = key.get(-2n);
    if (key.get(1n) === 2n) {
      const y = key.get(-3n);
      const spelled = concat(unhex('a401022001215820'), x, unhex('225820'), y);
      return { algorithm: 'ES256', raw: concat(new Uint8Array([4]), x, y), thumbprint: await sha256(spelled) };
    }
    require(key.get(1n) === 1n, 'a key of an unknown type');
    return { algorithm: 'Ed25519', raw: x, thumbprint: await sha256(unhex('a301012006215820'), x) };
  };

  // ---- RFC 6962

  const leafHash = (entry) => sha256(new Uint8Array([0]), entry);
  const nodeHash = (left, right) => sha256(new Uint8Array([1]), left, right);

  // RFC 9162 section 2.1.3.2, with sizes beyond 2^53.
  const rootFromPath = async (index, size, leaf, path) => {
    require(index < size && path.length <= 64, 'the index lies outside the tree');
    let fn = index;
    let sn = size - 1n;
    let root = leaf;
    for (const hash of path) {
      require(sn !== 0n, 'the inclusion path is too long');
      if (fn & 1n || fn === sn) {
        root = await nodeHash(hash, root);
        while (!(fn & 1n) && fn !== 0n) {
          fn >>= 1n;
          sn >>= 1n;
        }
      } else {
        root = await nodeHash(root, hash);
      }
      fn >>= 1n;
      sn >>= 1n;
    }
    require(sn === 0n, 'the inclusion path is too short');
    return root;
  };
  const requireInTree = async (entry, index, size, path, root, reason) => require(
    equal(await rootFromPath(index, size, await leafHash(entry), path), root), reason);

  const prefix = 'application/vnd.zheng.';

  // ---- C2SP notes and policies

  const verifierKey = async (spelled) => {
    const [, name, id, material] = spelled.match(/^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/s) || [];
    require(name, 'not a verifier key');
    const raw = unbase64(material);
    // A key of a type that cannot be checked here: its witness counts as absent.
    if (raw[0] !== 1 && raw[0] !== 4) return undefined;
    const digest = await sha256(utf8.encode(`${name}\n`), raw);
    require(hex(digest.subarray(0, 4)) === id && raw.length === 33, 'a key id that is not its key\'s');
    return { name, id, type: raw[0], raw: raw.subarray(1) };
  };

  const readPolicy = async (spelled) => {
    const policy = { logs: [], witnesses: new Map(), absent: new Set(), groups: new Map(), quorum: undefined };
    for (const line of spelled.split('\n')) {
      const words = line.split(/[ \t]+/).filter((word) => word);
      if (words.length === 3 && words[0] === '#' && words[1] === 'ledger' && /^[0-9a-f]{64}$/i.test(words[2])) {
        const ledger = words[2].toLowerCase();
        require(!policy.ledger || policy.ledger === ledger, 'it says of two ledgers that it is theirs');
        policy.ledger = ledger;
      }
      if (words.length === 3 && words[0] === '#' && words[1] === 'blocks' && /[0-9]/.test(words[2])) {
        const [, first, last] = words[2].match(/^(0|[1-9][0-9]{0,19})-((?:0|[1-9][0-9]{0,19})?)$/) || [];
        require(first && !policy.blocks, 'the blocks of the policy');
        policy.blocks = { first: BigInt(first), last: last ? BigInt(last) : undefined };
      }
      if (!words.length || words[0].startsWith('#')) continue;
      switch (words[0]) {
        case 'log':
          policy.logs.push(await verifierKey(words[1]));
          require(policy.logs.at(-1), 'a log whose key is of an unknown type');
          break;
        case 'witness': {
          const key = await verifierKey(words[2]);
          if (key) policy.witnesses.set(words[1], key);
          else policy.absent.add(words[1]);
          break;
        }
        case 'group': {
          const members = words.slice(3);
          const threshold = words[2] === 'any' ? 1 : words[2] === 'all' ? members.length : Number(words[2]);
          require(threshold >= 1 && threshold <= members.length, 'a threshold that cannot be met');
          policy.groups.set(words[1], { threshold, members });
          break;
        }
        case 'quorum':
          policy.quorum = words[1];
          break;
        default:
          throw new Fault('the policy has a line of an unknown kind');
      }
    }
    require(policy.quorum, 'the policy names no quorum');
    return policy;
  };

  // A policy is for the blocks in which its validators held office.
  const requireBlock = ({ blocks }, height) => require(
    !blocks || (blocks.first <= height && (blocks.last === undefined || height <= blocks.last)),
    `the policy is not for block ${height}`);

  // A policy that names its ledger is held to it; `ledger` is the id of one, in hex.
  const requireLedger = (policy, ledger) => require(!policy.ledger || policy.ledger === ledger, 'the policy is of another ledger');

  const readNote = (note) => {
    const blank = note.lastIndexOf('\n\n');
    require(blank >= 0 && note.endsWith('\n'), 'not a signed note');
    const body = note.slice(0, blank + 1);
    const lines = note.slice(blank + 2, -1).split('\n').map((line) => {
      const [dash, name, blob] = line.split(' ');
      require(dash === '—' && blob, 'a line that is no signature');
      const raw = unbase64(blob);
      return { name, id: hex(raw.subarray(0, 4)), signature: raw.subarray(4) };
    });
    const [origin, size, root] = body.split('\n');
    require(/^(0|[1-9][0-9]{0,19})$/.test(size), 'a size that is no number');
    return { body, lines, origin, size: BigInt(size), root: unbase64(root) };
  };

  // Whether `key` has signed the note: { state, time }; undefined where it has no line.
  const signed = async (note, key) => {
    const found = [];
    for (const line of note.lines) {
      if (line.name !== key.name || line.id !== key.id) continue;
      if (key.type === 1) {
        found.push({ good: await verified('Ed25519', key.raw, line.signature, utf8.encode(note.body)) });
      } else {
        require(key.type === 4 && line.signature.length === 72, 'a cosignature of another length');
        const time = bigEndian(line.signature.subarray(0, 8));
        const message = utf8.encode(`cosignature/v1\ntime ${time}\n${note.body}`);
        found.push({ good: await verified('Ed25519', key.raw, line.signature.subarray(8), message), time });
      }
    }
    if (!found.length) return undefined;
    const state = worst(found.map(({ good }) => stateOf(good)));
    return { state, time: found.map(({ time }) => time).sort(ascending)[0] };
  };

  // The state of the log's signature and of the quorum, and the time that the quorum gives.
  const evaluate = async (policy, note) => {
    let log;
    for (const key of policy.logs) {
      const found = key.name === note.origin ? await signed(note, key) : undefined;
      if (found) log = log || { key, state: found.state };
    }
    require(log, 'no log of the policy has signed the checkpoint');
    const times = new Map();
    const states = [];
    const witnesses = [];
    for (const [name, key] of policy.witnesses) {
      const found = await signed(note, key);
      if (!found) continue;
      states.push(found.state);
      if (found.state === FAILED) continue;
      times.set(name, found.time);
      witnesses.push({ name, time: found.time });
    }
    const bound = (name, depth) => {
      if (policy.absent.has(name)) return undefined;
      if (policy.witnesses.has(name)) return times.get(name);
      const group = policy.groups.get(name);
      require(group && depth < 64, 'the policy names what it does not define');
      const known = group.members.map((member) => bound(member, depth + 1)).filter((time) => time !== undefined);
      return known.sort(ascending)[group.threshold - 1];
    };
    const time = policy.quorum === 'none' ? undefined : bound(policy.quorum, 0);
    if (policy.quorum !== 'none' && time === undefined) states.push(FAILED);
    return { log, witnesses, time, quorum: worst(states) };
  };

  const readProof = (spelled) => {
    const blank = spelled.indexOf('\n\n');
    require(blank >= 0, 'not a proof');
    const [header, extra, index, ...path] = spelled.slice(0, blank).split('\n');
    require(header === 'c2sp.org/tlog-proof@v1' && extra.startsWith('extra ') && /^index (0|[1-9][0-9]{0,19})$/.test(index),
      'not a proof of this kind');
    return {
      extra: unbase64(extra.slice(6)), index: BigInt(index.slice(6)), path: path.map(unbase64),
      note: readNote(spelled.slice(blank + 2)),
    };
  };

  // A block's header, by its type and its lack of claims.
  const readHeader = async (entry) => {
    const statement = await Sign1.of(entry);
    require(statement.type === `${prefix}block+cbor` && statement.claims === undefined && statement.algorithm === 'Ed25519',
      'not a header of a block');
    return Reader.whole(statement.payload);
  };

  // ---- State proofs: what a key of the ledger's state holds as of a block, or that it holds nothing (DESIGN "State tree", "Proof")

  const empty = new Uint8Array(32);
  const bit = (path, level) => (path[level >> 3] >> (7 - (level & 7))) & 1;
  const isBytes = (item, least, most) => item instanceof Uint8Array && item.length >= least && item.length <= most;

  // What [key, value, bitmap, siblings, other] proves under `root`: { key, value }, where a value of null is proven to be none.
  const checkKey = async (proof, root) => {
    const parts = Reader.whole(proof);
    require(Array.isArray(parts) && parts.length === 5, 'not a proof for a key');
    const [key, value, bitmap, siblings, other] = parts;
    require(isBytes(key, 1, 4096) && (value === null || isBytes(value, 0, 1 << 20)), 'a key or value that is none');
    require(isBytes(bitmap, 0, 32) && bitmap.at(-1) !== 0, 'a bitmap that is none, or ends with a zero byte');
    const given = Array.from({ length: 8 * bitmap.length }, (_, level) => bit(bitmap, level));
    const depth = given.lastIndexOf(1) + 1;
    require(Array.isArray(siblings) && siblings.length === given.filter((isGiven) => isGiven).length &&
      siblings.every((sibling) => isBytes(sibling, 32, 32) && !equal(sibling, empty)), 'siblings that are not those of the bitmap');
    const path = await sha256(new Uint8Array([0x10]), key);
    let leaf;
    if (value !== null) {
      require(other === null, 'another leaf beside a value');
      leaf = [path, await sha256(value)];
    } else if (other !== null) {
      require(Array.isArray(other) && other.length === 2 && other.every((part) => isBytes(part, 32, 32)), 'another leaf that is none');
      const shares = given.slice(0, depth).every((_, level) => bit(other[0], level) === bit(path, level));
      require(shares && !equal(other[0], path), 'the other leaf is not at the place of the key, or is its own');
      leaf = other;
    }
    let node = leaf ? await sha256(new Uint8Array([2]), ...leaf) : empty;
    let left = siblings.length;
    for (let level = depth - 1; level >= 0; level--) {
      const sibling = given[level] ? siblings[--left] : empty;
      node = await sha256(new Uint8Array([3]), ...(bit(path, level) ? [sibling, node] : [node, sibling]));
    }
    require(equal(node, root), 'the proof leads to another root of the state');
    return { key, value };
  };

  // The chain over the ids of statements, in the order of their entries.
  const chainOf = async (ids) => {
    let chain = empty;
    for (const id of ids) chain = await sha256(new Uint8Array([0x11]), chain, id);
    return chain;
  };

  // That `records`, each { index, id }, in the order of their entries, are all that the list in `value` is of; no value is a list
  // of none.
  const requireAll = async (value, records) => {
    if (value === null) {
      require(records.length === 0, 'records that the state does not list');
      return;
    }
    const list = Reader.whole(value);
    require(list instanceof Map && list.size === 4 && isBytes(list.get('chain'), 32, 32), 'not a list of records');
    require(list.get('count') === BigInt(records.length) && list.get('first') === records[0]?.index &&
      list.get('last') === records.at(-1)?.index && equal(list.get('chain'), await chainOf(records.map(({ id }) => id))),
      'these are not the records that the state lists: one is left out, doubled, exchanged or added');
  };

  // What a state proof proves under `policy`: { verdict, block, values }, with a value or null for each key in hex. Whose block
  // key signed the header is for an audit: the validators have judged it when they signed the checkpoint that ends with it.
  const checkState = async (spelled, policy) => {
    const { extra, index, path, note } = readProof(spelled);
    const verdict = await evaluate(policy, note);
    const [entry, ...proofs] = Reader.sequence(extra);
    const block = await readHeader(entry);
    await requireInTree(entry, index, note.size, path, note.root, 'the header is not in the log');
    require(index + 1n === note.size && block.get('size') === index, 'the checkpoint does not end with the header');
    require(isBytes(block.get('state'), 32, 32), 'the header names no state');
    require(proofs.length > 0, 'no key is proven');
    const values = new Map();
    for (const proof of proofs) {
      const { key, value } = await checkKey(proof, block.get('state'));
      require(!values.has(hex(key)), 'two proofs for one key');
      values.set(hex(key), value);
    }
    return { verdict, block, values };
  };

  // ---- What is shown

  // Characters that do not print, or turn what is beside them around, are written out.
  const invisible =
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\uffff\u{1d173}-\u{1d17a}\u{e0000}-\u{10ffff}]/gu;
  const shown = (value) => value.replace(invisible, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
  const pad = (number, width) => String(number).padStart(width, '0');
  const civil = (seconds) => {
    const days = seconds / 86400n;
    const rest = seconds % 86400n;
    const shifted = days + 719468n;
    const era = shifted / 146097n;
    const ofEra = shifted - era * 146097n;
    const years = (ofEra - ofEra / 1460n + ofEra / 36524n - ofEra / 146096n) / 365n;
    const ofYear = ofEra - (365n * years + years / 4n - years / 100n);
    const month = (5n * ofYear + 2n) / 153n;
    const day = ofYear - (153n * month + 2n) / 5n + 1n;
    const number = month < 10n ? month + 3n : month - 9n;
    const year = years + era * 400n + (number <= 2n ? 1n : 0n);
    return [`${pad(year, 4)}-${pad(number, 2)}-${pad(day, 2)}`,
      `${pad(rest / 3600n, 2)}:${pad((rest % 3600n) / 60n, 2)}:${pad(rest % 60n, 2)}`];
  };
  // How many minutes the ledger's clocks are ahead of UTC. By them times are shown, and in UTC.
  let offset = 480n;
  const time = (seconds) => {
    const local = seconds + offset * 60n;
    const [day, clock] = civil(local < 0n ? 0n : local);
    const [year, month, date] = day.split('-').map(Number);
    return `${year}年${month}月${date}日 ${clock}`;
  };
  const utc = (seconds) => `${civil(seconds).join('T')}Z`;

  // The kinds of statements about an item, without what all content types of ours share: those that the custody chain is made
  // of, each naming the one before it, with the state that they bring where it depends on nothing else; and those beside it.
  const chained = new Map(Object.entries({ deposit: 'deposited', seal: 'sealed', offer: 'in-transit', accept: undefined,
    decline: 'disputed', resolve: undefined, examine: 'examining', reseal: 'sealed', release: undefined })
    .map(([kind, state]) => [`evidence.${kind}`, state]));
  const beside = new Set(['present', 'hold', 'lift', 'renew', 'correct'].map((kind) => `evidence.${kind}`));
  const times = new Set(['occurred', 'collected']);
  const kindName = (type) => (type.startsWith(prefix) ? type.slice(prefix.length).replace(/\+cbor$/, '') : type);

  // Each member of a payload, as [path, text].
  const flattened = (item, path, rows) => {
    if (item instanceof Map) {
      for (const [key, value] of item) flattened(value, path ? `${path}.${key}` : String(key), rows);
    } else if (Array.isArray(item)) {
      item.forEach((value, number) => flattened(value, `${path}.${number + 1}`, rows));
    } else {
      const name = path.split('.').filter((part) => !/^[0-9]+$/.test(part)).pop();
      rows.push([shown(path),
        item instanceof Uint8Array ? hex(item) :
          typeof item === 'bigint' ? (times.has(name) ? time(item) : String(item)) :
            typeof item === 'string' ? shown(item) : String(item)]);
    }
    return rows;
  };

