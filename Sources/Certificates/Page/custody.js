  // ---- What a record's proof proves

  const answer = (good, detail) => ({ state: stateOf(good), detail });
  const unsupported = '此浏览器不支持 this browser has no support for it';

  // What the proof of a record proves under `policy`. Each part of it is made by `check(part, body)`, where `body` gives what came out,
  // { state, detail }, or throws that it failed; a check that throws ends it.
  const checkRecord = async (spelled, policy, check) => {
    const proof = readProof(spelled);
    const { note } = proof;
    const [entry, headerEntry, rawHeaderPath, item, rawItemPath] = Reader.sequence(proof.extra);
    const statement = await Sign1.of(entry);
    const block = await readHeader(headerEntry);
    const member = Reader.whole(item);
    let verdict;
    await check('log', async () => {
      verdict = await evaluate(policy, note);
      return { state: verdict.log.state, detail: verdict.log.state === UNCHECKED ? unsupported : shown(note.origin) };
    });
    require(verdict, 'no log of the policy has signed the checkpoint');
    await check('quorum', async () => ({ state: verdict.quorum,
      detail: verdict.quorum === UNCHECKED ? unsupported : verdict.time === undefined ? '无 none' : `≤ ${time(verdict.time)}` }));
    await check('inclusion', async () => {
      await requireInTree(entry, proof.index, note.size, proof.path, note.root, 'the record is not in the log');
      return answer(true);
    });
    await check('header', async () => {
      const [index, path] = Reader.whole(rawHeaderPath);
      // An audit checks whose block key signed it; the validators did before they signed the checkpoint.
      await requireInTree(headerEntry, index, note.size, path, note.root, 'the header is not in the log');
      require(block.get('size') === index, 'the header is not where it says');
      require(block.get('first') <= proof.index && proof.index < index, 'the record is not of this block');
      requireBlock(policy, block.get('height'));
      return answer(true, `${block.get('height')}`);
    });
    let key;
    await check('roster', async () => {
      const [index, size, path] = Reader.whole(rawItemPath);
      await requireInTree(item, index, size, path, block.get('roster'), 'the issuer is not in the roster of the block');
      require(member.get('id') === statement.claims.get(1n), 'the roster item is another member\'s');
      for (const held of member.get('keys')) {
        const candidate = await coseKey(held.get('key'));
        const height = block.get('height');
        if (equal(candidate.thumbprint, statement.keyID) && held.get('from') <= height &&
          !(held.get('until') <= height)) key = key || candidate;
      }
      require(key, 'the key was not the issuer\'s at that height');
      return answer(true, shown(member.get('id')));
    });
    await check('signature', async () => {
      require(key && key.algorithm === statement.algorithm, 'no key of the issuer fits');
      const good = await verified(key.algorithm, key.raw, statement.signature, statement.signed);
      return answer(good, good === null ? `${key.algorithm}: ${unsupported}` : key.algorithm);
    });
    const payload = statement.type.startsWith(prefix) ? Reader.whole(statement.payload) : null;
    return { proof, statement, block, member, verdict, payload, index: proof.index, id: statement.id, kind: kindName(statement.type) };
  };

  // ---- Certificates: `page` is the document of one, the page at hand or one that was brought. Nothing in it is believed.

  const embedded = (page, id) => {
    const element = page.getElementById(id);
    require(element, `the page has no ${id}`);
    return element.textContent;
  };

  // A name in both languages: where there is one only it stands for both.
  const putName = (values, name, called) => {
    values.set(`${name}.zh`, shown(called.get('zh') ?? called.get('en')));
    values.set(`${name}.en`, shown(called.get('en') ?? called.get('zh')));
  };
  const putTime = (values, name, seconds) => {
    values.set(name, time(seconds));
    values.set(`${name}.utc`, utc(seconds));
  };

  // Every value that the page must show of a proof, by its name. `called` gives what a member is called.
  const valuesOf = (row, values, called) => {
    const { number, proof, statement, block, member, verdict, payload } = row;
    const put = (name, value) => values.set(`${number}-${name}`, value);
    put('statement', hex(statement.id));
    put('index', String(proof.index));
    put('kind', shown(kindName(statement.type)));
    put('issuer', shown(member.get('id')));
    putName(values, `${number}-name`, member.get('name'));
    put('key', hex(statement.keyID));
    put('algorithm', statement.algorithm);
    putTime(values, `${number}-issued`, statement.claims.get(6n));
    put('item', shown(statement.claims.get(2n)));
    put('block', String(block.get('height')));
    putTime(values, `${number}-block-time`, block.get('time') / 1000n);
    if (verdict.time !== undefined) putTime(values, `${number}-bound`, verdict.time);
    put('checkpoint', `${proof.note.size}`);
    put('root', hex(proof.note.root));
    verdict.witnesses.forEach((witness, place) => {
      put(`witness.${place + 1}`, shown(witness.name));
      put(`witness.${place + 1}.time`, time(witness.time));
    });
    for (const [path, value] of flattened(payload, '', [])) put(`p.${path}`, value);
    if (typeof payload.get('to') === 'string') putName(values, `${number}-to`, called(payload.get('to')));
  };

  // The block as of which the rows are all there are, and what its state has of the item; the keys are its list and its record.
  const checkAsOf = async (page, policy, values) => {
    const { verdict, block, values: proven } = await checkState(embedded(page, 'state-proof'), policy);
    requireBlock(policy, block.get('height'));
    values.set('as-of-block', String(block.get('height')));
    putTime(values, 'as-of-time', block.get('time') / 1000n);
    if (verdict.time !== undefined) putTime(values, 'as-of-bound', verdict.time);
    const state = worst([verdict.log.state, verdict.quorum]);
    return { state, detail: state === UNCHECKED ? unsupported : `${block.get('height')}`, block, proven };
  };

  // The clocks that the terms name. Read before anything is shown; that they are the terms of the block is checked with the roster.
  const readClocks = (page) => {
    const [terms] = Reader.sequence(unbase64(embedded(page, 'roster').split('\n')[1]));
    offset = Reader.whole(terms).get('parameters').get('utc-offset-minutes') ?? 480n;
  };

  // What the roster of the block calls the ledger and its members.
  const checkRoster = async (page, { block }, values) => {
    const [heading, spelled, end] = embedded(page, 'roster').split('\n');
    require(heading === 'zheng-roster-extract 1' && end === '', 'no names of the roster');
    const items = Reader.sequence(unbase64(spelled));
    require(items.length >= 2 && items.length % 2 === 0, 'no names of the roster');
    const names = new Map();
    for (let place = 0; place < items.length; place += 2) {
      const [at, size, siblings] = Reader.whole(items[place + 1]);
      await requireInTree(items[place], at, size, siblings, block.get('roster'), 'an item is not in the roster of the block');
      require(place > 0 || at === 0n, 'the first item is not that of the terms');
      const item = Reader.whole(items[place]);
      if (place === 0) putName(values, 'ledger-name', item.get('name'));
      else names.set(item.get('id'), item.get('name'));
    }
    return { ...answer(true, `${names.size}`), names };
  };

  // What the state has at the key of these parts; undefined where nothing is proven of it.
  const valueAt = ({ proven }, ...parts) => proven.get(hex(utf8.encode(parts.join('\u0000'))));

  // Whether two decoded items are the same.
  const isSame = (left, right) => {
    if (left instanceof Uint8Array) return right instanceof Uint8Array && equal(left, right);
    if (Array.isArray(left)) return Array.isArray(right) && left.length === right.length && left.every((item, at) => isSame(item, right[at]));
    if (!(left instanceof Map)) return left === right;
    return right instanceof Map && left.size === right.size && [...left].every(([key, item]) => right.has(key) && isSame(item, right.get(key)));
  };

  // When the certificate was made and by whom: nobody proves it, and the page must show what it embeds.
  const readIssue = (page, values) => {
    const [heading, seconds, by, end] = embedded(page, 'issue').split('\n');
    require(heading === 'zheng-certificate-issue 1' && /^[0-9]{1,12}$/.test(seconds) && end === '', 'not the issue of a certificate');
    putTime(values, 'issued-at', BigInt(seconds));
    if (by) values.set('issued-by', shown(by));
  };

  // References by which orders are compared: narrow forms for full-width ones, round brackets for all kinds.
  const folded = (reference) => reference.replace(/[（﹙⁽〔﹝[［【〖]/gu, '(').replace(/[）﹚⁾〕﹞\]］】〗]/gu, ')')
    .replace(/\u3000/g, ' ').replace(/[\uff01-\uff5e]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0));
  // What a custody entry makes of the item, and what a statement beside the chain changes.
  const effects = {
    deposit: (item, payload, { issuer, id }) => {
      for (const name of ['case', 'digests', 'size', 'manifest', 'seal']) if (payload.has(name)) item.set(name, payload.get(name));
      for (const name of ['depositor', 'custodian']) item.set(name, issuer);
      item.set('deposit', id);
    },
    seal: (item, payload) => item.set('seal', payload.get('seal')),
    offer: (item, payload) => item.set('receiver', payload.get('to')),
    accept: (item, payload, { issuer }) => {
      item.delete('receiver');
      const others = [!equal(payload.get('digest'), item.get('digests').get('sha-256')) && 'digest',
        payload.get('seal') !== item.get('seal') && 'seal'].filter((what) => what);
      item.set('state', others.length ? 'disputed' : 'sealed');
      item.set(others.length ? 'dispute' : 'custodian', others.length ? others.join(' and ') : issuer);
    },
    decline: (item) => {
      item.delete('receiver');
      item.set('dispute', 'declined');
    },
    reseal: (item, payload) => item.set('seal', payload.get('seal')),
    hold: (item, payload, { issuer, id }) =>
      item.get('orders').push(new Map([['court', issuer], ['order', payload.get('order')], ['statement', id]])),
    lift: (item, payload) => {
      const place = item.get('orders').findIndex((order) => folded(order.get('order')) === folded(payload.get('order')));
      if (place >= 0) item.get('orders').splice(place, 1);
    },
    renew: (item, payload) => item.set('digests', new Map([...payload.get('digests'), ...item.get('digests')])),
  };

  // The order of the log, one item, no gap; who holds the item after each row, and the item as the rows leave it.
  const checkChain = (rows, values, called) => {
    const [deposit] = rows;
    const field = (row, label) => row.statement.claims.get(label);
    const kindOf = (row) => kindName(row.statement.type);
    require(kindOf(deposit) === 'evidence.deposit', 'the first row is no deposit');
    const item = new Map([['orders', []], ['entries', 0n]]);
    const seen = new Set();
    let pending;
    let index = -1n;
    const advance = (id, row) => {
      item.set('last', id);
      item.set('entries', item.get('entries') + 1n);
      item.set('since', row.block.get('time'));
      item.delete('pending');
      pending = undefined;
    };
    for (const row of rows) {
      const where = `${row.number}: `;
      const kind = kindOf(row);
      const { payload } = row;
      const { id } = row.statement;
      require(row.proof.index > index, `${where}out of order`);
      index = row.proof.index;
      require(field(row, 3n) === field(deposit, 3n) && row.proof.note.origin === deposit.proof.note.origin, `${where}of another ledger`);
      if (kind === 'countersign') {
        require(pending && equal(payload.get('statement'), pending.id), `${where}countersigns no row that waits for it`);
        item.set('state', pending.payload.get('outcome'));
        item.delete('dispute');
        const seal = pending.kind === 'evidence.resolve' && pending.payload.get('seal');
        if (seal) item.set('seal', seal);
        advance(pending.id, row);
      } else {
        require((chained.has(kind) || beside.has(kind)) && field(row, 2n) === field(deposit, 2n), `${where}of another item`);
        require(row === deposit || kind !== 'evidence.deposit', `${where}a second deposit`);
        if (kind === 'evidence.correct') require(seen.has(hex(payload.get('statement'))), `${where}corrects what is not here`);
        const waits = kind === 'evidence.release' || kind === 'evidence.resolve';
        if (chained.has(kind)) {
          require(row === deposit || equal(payload.get('previous') ?? [], item.get('last')),
            `${where}does not follow the row before it: a row is missing`);
        }
        if (waits) {
          pending = { id, payload, kind };
          item.set('pending', id);
        } else {
          item.set('state', chained.get(kind) ?? item.get('state'));
          const effect = effects[kind.slice('evidence.'.length)];
          if (effect) effect(item, payload, { issuer: field(row, 1n), id });
          if (chained.has(kind)) advance(id, row);
        }
      }
      seen.add(hex(id));
      values.set(`${row.number}-custodian`, item.get('custodian'));
      putName(values, `${row.number}-custodian-name`, called(item.get('custodian')));
      values.set(`${row.number}-state`, shown(item.get('state')));
    }
    values.set('now-custodian', item.get('custodian'));
    putName(values, 'now-custodian-name', called(item.get('custodian')));
    values.set('now-state', shown(item.get('state')));
    item.set('holds', BigInt(item.get('orders').length));
    if (!item.get('orders').length) item.delete('orders');
    return { ...answer(true, `${rows.length}`), item };
  };

  const checkVisible = (page, values) => {
    const wrong = [];
    const found = new Set();
    for (const element of page.querySelectorAll('[data-v]')) {
      const name = element.dataset.v;
      found.add(name);
      if (!values.has(name) || element.textContent !== values.get(name)) wrong.push(name);
    }
    for (const name of values.keys()) if (!found.has(name)) wrong.push(name);
    return answer(wrong.length === 0, wrong.length ? wrong.slice(0, 20).join(', ') : `${found.size}`);
  };

  // Whether the body is still what it was when the page was made, by the digest that it names: what this browser has made of it, before
  // anything in it is changed. PageBody of zheng does the same.
  const isAsMade = async (page) => {
    let seen = '';
    const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        const isText = !['script', 'style'].includes(node.parentNode.localName);
        if (isText) seen += node.data.replace(/[ \t\n\f\r]/g, '');
      } else if (node.localName !== 'tbody' || node.attributes.length) {
        seen += `\u0001${node.localName}`;
        for (const { name, value } of node.attributes) seen += `\u0002${name}\u0003${value}`;
      }
    }
    const made = page.querySelector('meta[name="body-sha-256"]');
    return hex(await sha256(utf8.encode(seen))) === made?.content;
  };

  // Checks everything that a certificate embeds under `policy`, and its visible text. Each check is made by `attempt(name, body)`, which
  // goes on where one fails. What is found comes into `certificate`: the `values` that the page must show, by name, the `rows`, the
  // `deposit`, `asOf`, the `item` as the rows leave it, and what a member is `called`.
  const checkCertificate = async (page, policy, certificate, attempt) => {
    const { values, rows } = certificate;
    let asOf;
    let names;
    readClocks(page);
    await attempt('as-of', async () => (asOf = await checkAsOf(page, policy, values)));
    require(asOf, 'the state of no block is proven');
    certificate.asOf = asOf;
    await attempt('roster', async () => {
      const found = await checkRoster(page, asOf, values);
      names = found.names;
      return found;
    });
    const count = page.querySelectorAll('pre[id^="proof-"]').length;
    require(count >= 1, 'the page embeds no proof');
    for (let number = 1; number <= count; number++) {
      const row = await checkRecord(embedded(page, `proof-${number}`), policy, (part, body) => attempt(`proof-${number}.${part}`, body));
      require(row.payload instanceof Map, 'a payload that is no map');
      rows.push({ ...row, number });
    }
    // What a member is called: as of the block of the list, else as a row has it, else by its id.
    const called = (id) => names?.get(id) ?? rows.findLast(({ member }) => member.get('id') === id)?.member.get('name') ??
      new Map([['zh', id]]);
    certificate.called = called;
    for (const row of rows) valuesOf(row, values, called);
    readIssue(page, values);
    const [deposit] = rows;
    certificate.deposit = deposit;
    const subject = deposit.statement.claims.get(2n);
    await attempt('rows', async () => {
      const list = valueAt(asOf, 'subject', 'evidence', subject);
      require(list, 'no list of the records about the item is proven');
      await requireAll(list, rows);
      return answer(true, `${rows.length}`);
    });
    let item;
    await attempt('chain', async () => {
      const found = checkChain(rows, values, called);
      item = found.item;
      return found;
    });
    await attempt('state', async () => {
      const value = valueAt(asOf, 'evidence', 'item', subject);
      require(value && item, 'no present state of the item is proven');
      require(isSame(Reader.whole(value), item), 'the state of the ledger is not what the rows give');
      certificate.item = item;
      return answer(true, shown(item.get('state')));
    });
    const ledger = deposit.statement.claims.get(3n);
    requireLedger(policy, ledger);
    const id = hex(deposit.statement.id);
    const over = hex(await sha256(...rows.map((row) => row.statement.id)));
    const height = asOf.block.get('height');
    values.set('number', `ZC-${ledger.slice(0, 8)}-${id.slice(0, 16)}-${height}-${over.slice(0, 8)}`.toUpperCase());
    values.set('ledger', ledger);
    values.set('row-count', `${count}`);
    values.set('origin', shown(deposit.proof.note.origin));
    await attempt('visible', async () => checkVisible(page, values));
    return answer(true, `${count}`);
  };

  // ---- One file of a directory: its manifest, or an extract of one line with its path

  const hmac = async (key, message) => {
    const pad = (byte) => Uint8Array.from({ length: 64 }, (_, place) => (key[place] ?? 0) ^ byte);
    return sha256(pad(0x5c), await sha256(pad(0x36), message));
  };
  const nameOf = async (line, told) => {
    const [, mark, rest] = line.match(/^[0-9a-f]{64} (?:0|[1-9][0-9]*) ([=~])(.+)$/s) || [];
    require(mark, 'a line of a manifest that is none');
    if (mark === '=') return rest;
    if (!told) return undefined;
    const [, salt, escaped] = told.match(/^name ([0-9a-f]{64}) (.+)$/s) || [];
    require(salt, 'a name that is none');
    const path = utf8.encode(decodeURIComponent(escaped));
    const length = new DataView(new ArrayBuffer(8));
    length.setBigUint64(0, BigInt(path.length));
    const message = concat(utf8.encode('zheng.evidence.name.v1\u0000'), new Uint8Array(length.buffer), path);
    require(hex(await hmac(unhex(salt), message)) === rest, 'a name that the manifest does not commit to');
    return new TextDecoder().decode(path);
  };
  // The lines that a manifest or an extract proves, each with digest, size and name.
  const readManifest = async (bytes, deposit) => {
    const manifest = deposit.payload.get('manifest');
    require(manifest, 'no directory was deposited');
    const lines = text(bytes).split('\n');
    require(lines.pop() === '', 'it does not end with a line feed');
    const heading = lines.shift();
    const parsed = async (line, told) => {
      const [digest, size] = line.split(' ');
      return { digest, size: BigInt(size), name: await nameOf(line, told) };
    };
    if (heading === 'zheng-manifest 1') {
      require(equal(await sha256(bytes), deposit.payload.get('digests').get('sha-256')), '不是存证的清单 not the manifest that was deposited');
      return Promise.all(lines.map((line) => parsed(line)));
    }
    require(heading === 'zheng-manifest-extract 1', '不是清单或节录 neither a manifest nor an extract');
    const line = lines.shift();
    const told = lines[0] && lines[0].startsWith('name ') ? lines.shift() : undefined;
    const index = (lines.shift() || '').match(/^index (0|[1-9][0-9]{0,19})$/);
    require(index, 'an extract without an index');
    await requireInTree(utf8.encode(line), BigInt(index[1]), manifest.get('files'), lines.map(unbase64), manifest.get('root'),
      '节录不属于存证的清单 the extract is not of the manifest that was deposited');
    return [await parsed(line, told)];
  };
