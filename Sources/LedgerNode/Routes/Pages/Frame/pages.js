  // ---- The pages of a node. What is above reads proofs and gives answers, in whose function this stands.

  const texts = JSON.parse(document.getElementById('texts').textContent);
  const { dataset: ofPage } = document.querySelector('main');
  offset = BigInt(ofPage.offset);
  const isChinese = document.documentElement.lang.startsWith('zh');
  const clockName = () => ofPage.clock;
  const chosen = new URLSearchParams(location.search).get('lang');
  const link = (path, query, ...content) => {
    const element = make('a', '', ...content);
    element.href = `${path}?${new URLSearchParams(chosen ? { ...query, lang: chosen } : query)}`;
    return element;
  };
  const recordLink = (index) => link('record', { entry: index }, say('js.record', { entry: index }));
  const itemLink = (item) => link('item', { id: item }, shown(item));

  // ---- What the node gives

  // The node gave no answer that could be checked.
  class Unreached extends Fault {}

  const get = async (address) => {
    let answer;
    try {
      answer = await fetch(address);
    } catch (error) {
      throw new Unreached('no connection');
    }
    if (answer.status === 401 || answer.status === 403) throw new Unreached(say('js.members-only').join(''));
    if (!answer.ok) throw new Unreached(`${answer.status}`);
    return answer;
  };
  const getText = async (address) => (await get(address)).text();

  // The trust file, which must be of the ledger that the page shows.
  let policyAtHand;
  const policyOfLedger = async (steps) => {
    policyAtHand = policyAtHand || await getText('policy');
    const policy = await readPolicy(policyAtHand);
    require(policy.ledger === document.querySelector('footer .id .hash').textContent, 'the policy is of another ledger');
    steps.push({ state: PASSED, key: 'js.step-policy' });
    return policy;
  };

  // What `proof?…` has about something: the state proof, and all records of its lists.
  const gather = async (address) => {
    const first = await (await get(address)).json();
    const records = [...first.records];
    for (let next = first.next; next !== null && next !== undefined;) {
      const page = await (await get(`${address}&after=${next}`)).json();
      records.push(...page.records);
      next = page.next;
    }
    return { state: first.state, records };
  };


  // Everything that is recorded at `address`, proven: the records of the list at `parts`, none left out.
  const proveAll = async (address, policy, steps, ...parts) => {
    const { state, records } = await gather(address);
    const proven = await proveState(state, policy, steps);
    const value = proven.at(...parts);
    require(value !== undefined, 'the proof is of something else');
    const list = value === null ? null : Reader.whole(value);
    const wanted = records.filter(({ index }) => list && BigInt(index) <= list.get('last'));
    const all = [];
    for (const { index, proof } of wanted) {
      const record = await proveRecord(proof, policy, steps);
      require(record.index === BigInt(index), 'the proof is of another record');
      all.push(record);
    }
    await requireAll(value, all);
    steps.push({ state: PASSED, key: list ? 'js.step-list' : 'js.step-none', values: list ? { count: all.length } : {} });
    return { ...proven, records: all };
  };

  // ---- Check a file

  const answerFor = async (held, expected, steps) => {
    const file = held.file ?? held.manifest;
    steps.push({ state: PASSED, key: 'js.step-digest', detail: groups(hex(file.digest)) });
    const policy = await policyOfLedger(steps);
    const find = ({ digest }) => proveAll(`proof?digest=${hex(digest)}`, policy, steps, 'digest', digest);
    const known = new Map();
    const about = async (item) => {
      if (!known.has(item)) known.set(item, await proveAll(`proof?${new URLSearchParams({ item })}`, policy, steps, 'subject', 'evidence', item));
      return known.get(item).records;
    };
    const found = await find(file);
    // Whose directory a manifest lists: its own digest tells, or the item that an extract should be of.
    const deposits = !held.manifest || !held.file ? [] : expected ? await about(expected) : (await find(held.manifest)).records;
    const listed = await listedIn(held, deposits.find(({ kind, payload }) => kind === 'evidence.deposit' && payload.has('manifest')), steps);
    const height = found.block.get('height');
    const answered = await judgeFile(file, { naming: found.records, item: expected, about, listed });
    if (answered.word === 'answer.never') answered.text = say('js.never', { file: make('b', '', shown(file.name)), block: height });
    const proves = found.records.length ? [say('js.proves-all', { block: height, count: found.records.length })] :
      answered.word === 'answer.same' ? [] : [say('js.never-proves')];
    return answerParts(answered, policy, steps, { proves, not: [say('js.not-policy')] });
  };

  // What is recorded about an item by now; undefined where the node does not show that.
  const aboutNow = (policy, steps) => async (item) => {
    try {
      const { block, records } = await proveAll(`proof?${new URLSearchParams({ item })}`, policy, steps, 'subject', 'evidence', item);
      return { height: block.get('height'), records };
    } catch (error) {
      if (!isUnreached(error)) throw error;
      return undefined;
    }
  };

  const isUnreached = (error) => error instanceof Unreached;

  const checkPage = () => {
    checker(async (held) => {
      const typed = document.getElementById('number').value.trim();
      const expected = /^[0-9a-f]{64}$|^ZC-/i.test(typed) ? '' : typed;
      const steps = [];
      try {
        if (held.certificate || held.proofs.length) {
          const policy = await policyOfLedger(steps);
          return await judgePapers(held, policy, steps, [say('js.not-policy')], aboutNow(policy, steps));
        }
        return held.file || held.manifest ? await answerFor(held, expected, steps) : [];
      } catch (error) {
        return [isUnreached(error) ? verdictOf('none', 'js.no-answer-word', say('js.no-answer', { reason: reason(error) })) :
          verdictOf('bad', 'js.unproven-word', say('js.unproven', { reason: reason(error) }))];
      }
    });
  };

  // ---- What a page shows of proven things

  // That the rows of the page are these records: each element with data-entry and data-id, and no other.
  const requireRows = (records) => {
    const rows = [...document.querySelectorAll('[data-entry]')].map(({ dataset }) => `${dataset.entry} ${dataset.id}`);
    const proven = records.map(({ index, id }) => `${index} ${hex(id)}`);
    require(rows.length === proven.length && proven.every((row) => rows.includes(row)), 'the page shows other records');
  };
  const fieldsShown = (values) => {
    for (const element of document.querySelectorAll('[data-field]')) {
      const value = values[element.dataset.field];
      require(value !== undefined && element.value === value, `${element.dataset.field} is shown otherwise`);
    }
  };
  const headerFields = (block) => Object.fromEntries([...block].map(([name, value]) => [name, value instanceof Uint8Array ? hex(value) : String(value)]));

  // The RFC 6962 root over leaves.
  const rootOf = async (leaves) => {
    if (leaves.length === 1) return leafHash(leaves[0]);
    let left = 1;
    while (2 * left < leaves.length) left *= 2;
    return nodeHash(await rootOf(leaves.slice(0, left)), await rootOf(leaves.slice(left)));
  };

  // The keys, by their parts, that a node proves at an address such as state/item/ID.
  const keysAt = (address) => {
    const [, what, ...names] = address.split('/').map(decodeURIComponent);
    const [name, subject] = names;
    switch (what) {
      case 'item': return [['subject', 'evidence', name], ['evidence', 'item', name]];
      case 'request': return [['subject', 'sharing', name], ['sharing', 'request', name]];
      case 'subject': return [['subject', name, subject]];
      default: return [[what, unhex(name)]];
    }
  };

  const provers = {
    records: async (source, policy, steps) => {
      const query = new URLSearchParams(source.slice(source.indexOf('?') + 1));
      const [[what, name]] = query;
      const parts = what === 'digest' ? ['digest', unhex(name)] : ['subject', what === 'item' ? 'evidence' : 'sharing', name];
      const found = await proveAll(source, policy, steps, ...parts);
      requireRows(found.records);
      const value = what === 'item' ? found.at('evidence', 'item', name) : what === 'request' ? found.at('sharing', 'request', name) : undefined;
      if (value) fieldsShown(headerFields(Reader.whole(value)));
      return found.block.get('height');
    },
    record: async (source, policy, steps) => {
      const record = await proveRecord(await getText(source), policy, steps);
      fieldsShown({ entry: `${record.index}`, id: hex(record.id), kind: record.kind, issuer: record.member.get('id'), block: `${record.block.get('height')}`,
        signature: hex(record.statement.signature), kid: hex(record.statement.keyID), payload: hex(await sha256(record.statement.payload)) });
      return record.block.get('height');
    },
    block: async (source, policy, steps) => {
      const record = await proveRecord(await getText(source), policy, steps);
      steps.push({ state: PASSED, key: 'js.step-block' });
      fieldsShown(headerFields(record.block));
      return record.block.get('height');
    },
    members: async (source, policy, steps) => {
      const [address, place] = source.split(' ');
      const spelled = await getText(address);
      let found;
      if (address.startsWith('state')) {
        const { block, at } = await proveState(spelled, policy, steps);
        found = { height: block.get('height'), root: Reader.whole(at('roster')).get('root') };
      } else {
        const { block } = await proveRecord(spelled, policy, steps);
        found = { height: block.get('height'), root: block.get('roster') };
      }
      const items = Reader.whole(new Uint8Array(await (await get(place)).arrayBuffer()));
      require(equal(await rootOf(items), found.root), 'the roster has another root');
      steps.push({ state: PASSED, key: 'js.step-roster' });
      const members = items.slice(1).map((item) => Reader.whole(item));
      const rows = [...document.querySelectorAll('[data-member]')].map(({ dataset }) => `${dataset.member} ${dataset.roles}`);
      require(rows.join('\n') === members.map((member) => `${member.get('id')} ${member.get('roles').join(' ')}`).join('\n'), 'the page shows other members');
      return found.height;
    },
    absent: async (source, policy, steps) => {
      let height;
      for (const address of source.split(' ')) {
        const proven = await proveState(await getText(address), policy, steps);
        for (const key of keysAt(address)) {
          const value = proven.at(...key);
          require(value !== undefined, 'the proof is of something else');
          require(value === null, 'something is recorded');
        }
        height = proven.block.get('height');
      }
      steps.push({ state: PASSED, key: 'js.step-none' });
      return height;
    },
  };

  const proofOfPage = async (section) => {
    const { proof: what, source } = section.dataset;
    const [state, list] = [section.querySelector('.proof-state'), section.querySelector('.steps')];
    const steps = [];
    try {
      const height = await provers[what](source, await policyOfLedger(steps), steps);
      steps.push({ state: PASSED, key: 'js.step-shown' });
      const result = worst(steps.map((step) => step.state));
      state.classList.add(result);
      state.replaceChildren(...(result === PASSED ? say('js.page-passed', { block: height }) : say('js.page-unchecked')));
      section.dataset.state = result;
    } catch (error) {
      // A page that is older than the newest block shows what was true then.
      const now = what === 'records' || what === 'absent' ? await getText('checkpoint').catch(() => '') : '';
      const isOlder = now && document.querySelector('main').dataset.size !== now.split('\n')[1];
      steps.push({ state: isOlder ? UNCHECKED : FAILED, key: 'js.step-shown', detail: reason(error) });
      state.classList.add(isOlder ? UNCHECKED : FAILED);
      state.replaceChildren(...(isOlder ? say('js.page-reload') : say('js.page-failed', { reason: reason(error) })));
      section.dataset.state = isOlder ? UNCHECKED : FAILED;
    }
    list.replaceChildren(...stepList(steps));
    const details = list.closest('details');
    details.hidden = false;
    details.open = section.dataset.state !== PASSED;
  };

  // ---- Signing: what a page prepared is signed elsewhere, by `zheng sign`, or with a key that the browser keeps and no page can read

  const cborHead = (major, n) => new Uint8Array(n < 24 ? [(major << 5) | n] : n < 256 ? [(major << 5) | 24, n] :
    n < 65536 ? [(major << 5) | 25, n >> 8, n & 255] : [(major << 5) | 26, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]);
  // Integers are numbers here, and a map stands in the order that it is given in.
  const cbor = (item) => {
    if (item instanceof Uint8Array) return byteString(item);
    if (typeof item === 'number') return item < 0 ? cborHead(1, -1 - item) : cborHead(0, item);
    if (typeof item === 'string') return concat(cborHead(3, utf8.encode(item).length), utf8.encode(item));
    return concat(cborHead(5, item.size), ...[...item].flatMap(([key, value]) => [cbor(key), cbor(value)]));
  };

  // CBOR diagnostic notation (RFC 8949 section 8).
  const diagnostic = (item, indent) => {
    const inner = `${indent}  `;
    if (item instanceof Uint8Array) return `h'${hex(item)}'`;
    if (typeof item === 'string') return JSON.stringify(item);
    if (Array.isArray(item)) return `[${item.map((part) => diagnostic(part, inner)).join(', ')}]`;
    if (item instanceof Map) return `{\n${[...item].map(([key, value]) => `${inner}${diagnostic(key, inner)}: ${diagnostic(value, inner)}`).join(',\n')}\n${indent}}`;
    return item && item.tag !== undefined ? `${item.tag}(${diagnostic(item.item, inner)})` : String(item);
  };
  // What a signature is over, with the headers and the payload as what they hold.
  const toBeSigned = (signed) => {
    const [context, headers, , payload] = Reader.whole(signed);
    const whole = (bytes) => `<< ${diagnostic(Reader.whole(bytes), '  ')} >>`;
    const element = make('pre', '', shown(`[\n  "${context}",\n  ${whole(headers)},\n  h'',\n  ${whole(payload)}\n]`));
    element.tabIndex = 0;
    return element;
  };

  // The keys that this browser keeps, by their thumbprints.
  const keyStore = (mode, run) => new Promise((resolve, reject) => {
    const opening = indexedDB.open('zheng', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('keys', { keyPath: 'thumbprint' });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('keys', mode);
      const asked = run(transaction.objectStore('keys'));
      transaction.onabort = () => reject(transaction.error);
      transaction.oncomplete = () => {
        opening.result.close();
        resolve(asked.result);
      };
    };
  });
  const p256 = { name: 'ECDSA', namedCurve: 'P-256' };
  const ed25519 = { name: 'Ed25519' };
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const unbase64url = (spelled) => Uint8Array.from(atob(spelled.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
  // Keeps `key`, which can't be exported, with what `jwk` says of its public key.
  const keepKey = async (key, { kty, crv, x, y }) => {
    const isP256 = kty === 'EC';
    const { thumbprint, algorithm } = await coseKey(new Map(isP256 ? [[1n, 2n], [-2n, unbase64url(x)], [-3n, unbase64url(y)]] : [[1n, 1n], [-2n, unbase64url(x)]]));
    const open = await subtle.importKey('jwk', isP256 ? { kty, crv, x, y } : { kty, crv, x }, isP256 ? p256 : ed25519, true, ['verify']);
    const spki = new Uint8Array(await subtle.exportKey('spki', open));
    await keyStore('readwrite', (keys) => keys.put({ thumbprint: hex(thumbprint), algorithm, key, spki }));
  };
  const importKey = async (pem) => {
    require(!/ENCRYPTED/.test(pem), say('js.sign-encrypted').join(''));
    const [, body] = pem.match(/-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/) || [];
    require(body, say('js.sign-no-pem').join(''));
    const bytes = unbase64(body.replace(/\s/g, ''));
    for (const kind of [ed25519, p256]) {
      const read = await subtle.importKey('pkcs8', bytes, kind, true, ['sign']).catch(() => undefined);
      if (!read) continue;
      const jwk = await subtle.exportKey('jwk', read);
      await keepKey(await subtle.importKey('jwk', jwk, kind, false, ['sign']), jwk);
      return;
    }
    throw new Fault(say('js.sign-no-pem').join(''));
  };
  const makeKey = async () => {
    const pair = await subtle.generateKey(ed25519, false, ['sign', 'verify']).catch(() => subtle.generateKey(p256, false, ['sign', 'verify']));
    await keepKey(pair.privateKey, await subtle.exportKey('jwk', pair.publicKey));
    return pair.privateKey.algorithm.name;
  };
  const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  // The signature of `key` over `signed`; of the two that ES256 has, the one with the low s.
  const signatureOf = async ({ key, algorithm }, signed) => {
    const signature = new Uint8Array(await subtle.sign(algorithm === 'ES256' ? { ...p256, hash: 'SHA-256' } : ed25519, key, signed));
    if (algorithm === 'ES256' && hex(signature.subarray(32)) > halfOrder) {
      signature.set(unhex((p256Order - bigEndian(signature.subarray(32))).toString(16).padStart(64, '0')), 32);
    }
    return signature;
  };

  const signing = () => {
    const section = document.querySelector('[data-sign]');
    if (!section) return;
    const { sign: type, payload: spelled, issuer, subject, keys } = section.dataset;
    const payload = unhex(spelled);
    const ledger = document.querySelector('footer .id .hash').textContent;
    const state = document.getElementById('signed-state');
    const inForce = new Set(keys.split(' ').map((key) => key.split(':')[0]));
    const done = (what) => {
      document.documentElement.dataset.signed = what;
    };
    const failed = (error) => {
      state.replaceChildren(verdictOf('bad', 'js.sign-failed-word', say('js.sign-failed', { reason: reason(error) })));
      done('failed');
    };
    const button = (style, key, action) => {
      const element = make('button', style, say(key));
      element.type = 'button';
      element.addEventListener('click', () => action().catch(failed));
      return element;
    };

    const send = async (entry) => {
      state.replaceChildren(...say('js.sign-sending'));
      const answer = await fetch('entries', { method: 'POST', headers: { 'content-type': 'application/cose', accept: 'application/json', prefer: 'return=minimal' }, body: entry });
      const told = await answer.json();
      state.replaceChildren(answer.ok ?
        verdictOf('good', 'js.sign-recorded-word', say('js.sign-recorded', { record: recordLink(told.index) })) :
        verdictOf('bad', 'js.sign-refused-word', say('js.sign-refused', { code: told.code }), Object.assign(make('span', '', shown(told.detail || told.code)), { lang: 'en' })));
      done(answer.ok ? 'recorded' : told.code);
    };
    const review = (title, signed, action, run) => {
      state.replaceChildren(make('section', 'card', make('h2', '', say(title)), toBeSigned(signed), button('', action, run)));
      done('shown');
    };

    const take = async (file) => {
      const entries = Reader.sequence(new Uint8Array(await file.arrayBuffer()));
      require(entries.length === 1, say('js.sign-not-one', { count: entries.length }).join(''));
      const statement = await Sign1.of(entries[0]);
      const { claims } = statement;
      require(claims instanceof Map, 'no claims');
      const other = Object.entries({ issuer: claims.get(1n) === issuer, subject: claims.get(2n) === subject, ledger: claims.get(3n) === ledger,
        type: statement.type === type, payload: equal(statement.payload, payload) }).filter(([, isSame]) => !isSame).map(([what]) => what);
      if (other.length) throw new Fault(say('js.sign-other', { what: other.join(', ') }).join(''));
      review('js.sign-show', statement.signed, 'js.sign-send', () => send(entries[0]));
    };
    const drop = document.getElementById('signed-drop');
    drop.hidden = false;
    dropping(drop, ([file]) => take(file).catch(failed));
    const chosenFile = document.getElementById('signed');
    chosenFile.addEventListener('change', () => {
      const [file] = chosenFile.files;
      // The same file may be chosen again.
      chosenFile.value = '';
      if (file) take(file).catch(failed);
    });

    const signWith = async (key) => {
      const claims = new Map([[1, issuer], ...(subject === undefined ? [] : [[2, subject]]), [3, ledger], [6, Math.floor(Date.now() / 1000)],
        [7, crypto.getRandomValues(new Uint8Array(16))]]);
      const headers = cbor(new Map([[1, key.algorithm === 'ES256' ? -7 : -8], [3, type], [4, unhex(key.thumbprint)], [15, claims]]));
      const signed = concat(new Uint8Array([0x84, 0x6a]), utf8.encode('Signature1'), byteString(headers), new Uint8Array([0x40]), byteString(payload));
      review('js.sign-to-sign', signed, 'js.sign-now', async () => {
        const signature = await signatureOf(key, signed);
        await send(concat(new Uint8Array([0xd2, 0x84]), byteString(headers), new Uint8Array([0xa0]), byteString(payload), byteString(signature)));
      });
    };
    const place = document.getElementById('browser-keys');
    const showKeys = async (note) => {
      const list = make('ul', 'search-hits');
      for (const key of await keyStore('readonly', (all) => all.getAll())) {
        const isGood = inForce.has(key.thumbprint);
        const row = make('li', '', make('p', '', `${key.algorithm} `, groups(key.thumbprint)),
          make('p', isGood ? 'g' : 'w', `${isGood ? '✓' : '△'} `, say(isGood ? 'js.sign-key-good' : 'js.sign-key-other')));
        if (isGood) {
          row.append(button('', 'js.sign-prepare', () => signWith(key)), ' ');
        } else {
          const pem = make('pre', '', `-----BEGIN PUBLIC KEY-----\n${base64(key.spki).match(/.{1,64}/g).join('\n')}\n-----END PUBLIC KEY-----\n`);
          pem.tabIndex = 0;
          row.append(make('p', '', say('js.sign-public')), pem);
        }
        row.append(button('plain', 'js.sign-forget', async () => {
          await keyStore('readwrite', (all) => all.delete(key.thumbprint));
          await showKeys();
        }));
        list.append(row);
      }
      const input = Object.assign(make('input', 'hidden'), { type: 'file', id: 'key-file' });
      input.addEventListener('change', () => {
        const [file] = input.files;
        if (file) file.text().then(importKey).then(() => showKeys()).catch(failed);
      });
      place.replaceChildren(list, make('p', '', make('label', 'button plain', say('js.sign-import'), input), ' ',
        button('plain', 'js.sign-make', async () => showKeys(await makeKey() === 'Ed25519' ? undefined : 'js.sign-no-ed25519'))));
      if (note) place.append(make('p', 'w', say(note)));
      document.documentElement.dataset.keys = list.childElementCount;
    };
    if (subtle && globalThis.indexedDB) {
      document.getElementById('by-browser').hidden = false;
      showKeys().catch(failed);
    }
  };

  // Fields for the digest of a file, which is computed here.
  const hashingFields = () => document.querySelectorAll('[data-hashes]').forEach((input) => {
    input.closest('label').hidden = false;
    input.addEventListener('change', async () => {
      const [file] = input.files;
      if (file) document.getElementById(input.dataset.hashes).value = hex(await sha256OfFile(file, () => {}));
    });
  });

  // ---- What changes by itself

  // Takes over the parts of the page that live, when the checkpoint has moved.
  const live = () => {
    const places = document.querySelectorAll('[data-live]');
    if (!places.length) return;
    let { size } = document.querySelector('main').dataset;
    const look = async () => {
      try {
        const now = (await getText('checkpoint')).split('\n')[1];
        if (now !== size) {
          const page = new DOMParser().parseFromString(await getText(location.href), 'text/html');
          const fresh = page.querySelectorAll('[data-live]');
          places.forEach((place, number) => place.replaceChildren(...fresh[number].childNodes));
          size = now;
          document.documentElement.dataset.live = size;
        }
      } catch (error) {
        // The node is away; it is asked again.
      }
      setTimeout(look, 3000);
    };
    setTimeout(look, 3000);
  };

  // Takes over how far an audit has come, until it ends.
  const audit = () => {
    const place = document.querySelector('[data-audit="runs"]');
    if (!place) return;
    const look = async () => {
      try {
        const page = new DOMParser().parseFromString(await getText(location.href), 'text/html');
        const fresh = page.querySelector('[data-audit]');
        place.replaceChildren(...fresh.childNodes);
        place.dataset.audit = fresh.dataset.audit;
      } catch (error) {
        // The node is away; it is asked again.
      }
      if (place.dataset.audit === 'runs') setTimeout(look, 1000);
    };
    setTimeout(look, 500);
  };

  // The views of a big screen follow each other; while a visitor is at it they wait.
  const loop = () => {
    const views = [...document.querySelectorAll('[data-view]')];
    let place = 0;
    let turn;
    const show = () => {
      views.forEach((view, number) => {
        view.hidden = number !== place;
      });
      document.documentElement.dataset.view = place;
    };
    const go = (pause) => {
      clearTimeout(turn);
      turn = setTimeout(() => {
        document.getElementById('tamper').replaceChildren();
        place = (place + 1) % views.length;
        show();
        go(12000);
      }, pause);
    };
    show();
    go(12000);
    return () => go(30000);
  };

  // Changes one byte of a copy of a record, and shows how that is caught.
  const screen = () => {
    const section = document.querySelector('[data-tamper]');
    if (!section) return;
    const wait = loop();
    const place = document.getElementById('tamper');
    const entry = section.dataset.tamper;
    let isBusy = false;
    const change = async () => {
      if (isBusy) return;
      isBusy = true;
      wait();
      try {
        const spelled = await getText(`proof/${entry}`);
        await proveRecord(spelled, await policyOfLedger([]), []);
        const proof = readProof(spelled);
        const copy = Reader.sequence(proof.extra)[0].slice();
        const at = Math.floor(Math.random() * copy.length);
        const old = copy[at];
        copy[at] ^= 1 << Math.floor(Math.random() * 8);
        let found;
        try {
          await requireInTree(copy, proof.index, proof.note.size, proof.path, proof.note.root, 'the record is not in the log');
        } catch (error) {
          found = reason(error);
        }
        require(found, 'a changed byte was not caught');
        const byte = (value) => `0x${value.toString(16).padStart(2, '0')}`;
        place.replaceChildren(verdictOf('good', 'answer.same', say('js.tamper-good', { entry })),
          verdictOf('bad', 'js.tamper-caught', say('js.tamper-bad', { place: at, old: byte(old), new: byte(copy[at]) })));
        document.documentElement.dataset.tamper = 'caught';
      } catch (error) {
        place.replaceChildren(verdictOf('none', 'js.no-answer-word', say('js.no-answer', { reason: reason(error) })));
      }
      setTimeout(() => {
        isBusy = false;
      }, 500);
    };
    addEventListener('keydown', (event) => {
      if (!['Tab', 'Shift', 'Escape', 'F5', 'F11'].includes(event.key) && !event.ctrlKey && event.target.localName !== 'a') change();
    });
    document.querySelector('main').addEventListener('pointerup', (event) => event.target.closest('a') || change());
  };

  const run = async () => {
    if (document.querySelector('[data-check]')) checkPage();
    live();
    audit();
    signing();
    hashingFields();
    screen();
    for (const section of document.querySelectorAll('[data-proof]')) await proofOfPage(section);
    document.documentElement.dataset.checks = 'done';
  };
  run();
})();
