  // ---- The page

  const results = document.getElementById('results');
  const words = {
    [PASSED]: '通过 passed', [FAILED]: '未通过 FAILED', [UNCHECKED]: '未检查 not checked',
  };
  // The states that the summary is of, by the names of the checks.
  const states = new Map();
  const show = (name, state, title, detail = '') => {
    const old = document.querySelector(`[data-check="${name}"]`);
    const row = old || document.createElement('li');
    row.dataset.check = name;
    row.dataset.state = state;
    row.className = state;
    row.textContent = '';
    const badge = document.createElement('b');
    badge.textContent = words[state];
    row.append(badge, ` ${title}${detail ? `: ${detail}` : ''}`);
    if (!old) results.append(row);
  };
  // Runs one check; what it throws is that it failed.
  const attempt = async (name, title, body) => {
    let found;
    try {
      found = await body();
    } catch (error) {
      found = { state: FAILED, detail: error instanceof Fault ? error.message : 'malformed 格式不对' };
    }
    states.set(name, found.state);
    show(name, found.state, title, found.detail);
  };
  const answer = (good, detail) => ({ state: stateOf(good), detail });
  const unsupported = '此浏览器不支持 this browser has no support for it';
  const embedded = (id) => {
    const element = document.getElementById(id);
    require(element, `the page has no ${id}`);
    return element.textContent;
  };

  // Checks proof `number`, and gives what the page should show of it.
  const checkProof = async (number, policy) => {
    const check = (part, words, body) => attempt(`proof-${number}.${part}`, `${number} ${words}`, body);
    const proof = readProof(embedded(`proof-${number}`));
    const { note } = proof;
    const [entry, headerEntry, rawHeaderPath, item, rawItemPath] = Reader.sequence(proof.extra);
    const statement = await Sign1.of(entry);
    const block = await readHeader(headerEntry);
    const member = Reader.whole(item);
    let verdict;
    await check('log', '检查点的日志签名 log signature', async () => {
      verdict = await evaluate(policy, note);
      return { state: verdict.log.state, detail: verdict.log.state === UNCHECKED ? unsupported : shown(note.origin) };
    });
    require(verdict, 'no log of the policy has signed the checkpoint');
    await check('quorum', '见证签名与法定数 cosignatures and quorum', async () => ({ state: verdict.quorum,
      detail: verdict.quorum === UNCHECKED ? unsupported : verdict.time === undefined ? '无 none' : `≤ ${time(verdict.time)}` }));
    await check('inclusion', '记录在日志之中 the record is in the log', async () => {
      await requireInTree(entry, proof.index, note.size, proof.path, note.root, 'the record is not in the log');
      return answer(true);
    });
    await check('header', '区块头 block header', async () => {
      const [index, path] = Reader.whole(rawHeaderPath);
      // An audit checks whose block key signed it; the validators did before they signed the checkpoint.
      await requireInTree(headerEntry, index, note.size, path, note.root, 'the header is not in the log');
      require(block.get('size') === index, 'the header is not where it says');
      require(block.get('first') <= proof.index && proof.index < index, 'the record is not of this block');
      requireBlock(policy, block.get('height'));
      return answer(true, `${block.get('height')}`);
    });
    let key;
    await check('roster', '名册中的签发者 issuer in the roster', async () => {
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
    await check('signature', '签发者的签名 issuer\'s signature', async () => {
      require(key && key.algorithm === statement.algorithm, 'no key of the issuer fits');
      const good = await verified(key.algorithm, key.raw, statement.signature, statement.signed);
      return answer(good, good === null ? `${key.algorithm}: ${unsupported}` : key.algorithm);
    });
    const payload = Reader.whole(statement.payload);
    require(payload instanceof Map, 'a payload that is no map');
    return { number, proof, statement, block, member, verdict, payload };
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
  const checkAsOf = async (policy, values) => {
    const { verdict, block, values: proven } = await checkState(embedded('state-proof'), policy);
    requireBlock(policy, block.get('height'));
    values.set('as-of-block', String(block.get('height')));
    putTime(values, 'as-of-time', block.get('time') / 1000n);
    if (verdict.time !== undefined) putTime(values, 'as-of-bound', verdict.time);
    const state = worst([verdict.log.state, verdict.quorum]);
    return { state, detail: state === UNCHECKED ? unsupported : `${block.get('height')}`, block, proven };
  };

  // The clocks that the terms name. Read before anything is shown; that they are the terms of the block is checked with the roster.
  const readClocks = () => {
    const [terms] = Reader.sequence(unbase64(embedded('roster').split('\n')[1]));
    offset = Reader.whole(terms).get('parameters').get('utc-offset-minutes') ?? 480n;
  };

  // What the roster of the block calls the ledger and its members.
  const checkRoster = async ({ block }, values) => {
    const [heading, spelled, end] = embedded('roster').split('\n');
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
  const readIssue = (values) => {
    const [heading, seconds, by, end] = embedded('issue').split('\n');
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

  const checkVisible = (values) => {
    const wrong = [];
    const found = new Set();
    for (const element of document.querySelectorAll('[data-v]')) {
      const name = element.dataset.v;
      found.add(name);
      if (!values.has(name) || element.textContent !== values.get(name)) wrong.push(name);
    }
    for (const name of values.keys()) if (!found.has(name)) wrong.push(name);
    return answer(wrong.length === 0, wrong.length ? wrong.slice(0, 20).join(', ') : `${found.size}`);
  };

  // The digest of what this browser has made of the body, before anything in it is changed: PageBody of zheng does the same.
  const bodyDigest = () => {
    let seen = '';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        const isText = !['script', 'style'].includes(node.parentNode.localName);
        if (isText) seen += node.data.replace(/[ \t\n\f\r]/g, '');
      } else if (node.localName !== 'tbody' || node.attributes.length) {
        seen += `\u0001${node.localName}`;
        for (const { name, value } of node.attributes) seen += `\u0002${name}\u0003${value}`;
      }
    }
    return sha256(utf8.encode(seen));
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

  // ---- Verdicts

  const summary = document.getElementById('summary');
  const verdict = document.getElementById('verdict');
  const looks = { [PASSED]: 'good', [FAILED]: 'bad', [UNCHECKED]: 'none' };
  const tell = (element, state, title, zh, en) => {
    element.className = `verdict ${looks[state]}`;
    element.dataset.state = state;
    element.textContent = '';
    const [head, sentence, english] = ['b', 'p', 'span'].map((name) => document.createElement(name));
    head.textContent = title;
    english.className = 'en';
    english.lang = 'en';
    english.textContent = en;
    sentence.append(zh, english);
    element.append(head, sentence);
  };
  // The certificate and the file have verdicts of their own. Nothing is green before a file was compared.
  let fileState;
  let fileName = '';
  const summarise = () => {
    const state = worst([...states.values()]);
    const isCompared = fileState === PASSED || fileState === FAILED;
    if (state === FAILED) {
      tell(summary, FAILED, '✕ 未通过', '证书：有核验未通过，不得信赖本页。', 'The certificate: a check has FAILED; do not rely on this page.');
    } else if (state === UNCHECKED) {
      tell(summary, UNCHECKED, '○ 未核验', '证书：部分核验未能进行；未核验不等于通过，请用 zheng check。',
        'The certificate: some checks could not be made; not checked is not passed; use zheng check.');
    } else if (!isCompared) {
      tell(summary, UNCHECKED, '○ 待核对', '证书：本浏览器所作核验未见不符；选择原文件后给出结论。',
        'The certificate: nothing is wrong so far; choose the original file for a verdict.');
    } else {
      tell(summary, PASSED, '✓ 通过', '证书：本浏览器能作的核验均已通过；是否可信，以 zheng check 为准。',
        'The certificate: what this browser can check has passed; zheng check is the authority.');
    }
    if (fileState === FAILED) {
      tell(verdict, FAILED, '✕ 不一致', `文件：${fileName} 不是存证的文件；证书本身不因此受影响。`,
        'The file: it is NOT the one that was deposited; that says nothing against the certificate.');
    } else if (fileState === PASSED && state !== FAILED) {
      tell(verdict, PASSED, '✓ 一致', `文件：${fileName} 与存证的文件逐字节相同。`, 'The file: it is the deposited one, byte for byte.');
    } else if (fileState === PASSED) {
      tell(verdict, UNCHECKED, '○ 不作结论', '文件：与本页所载摘要相同，但本页未通过核验。',
        'The file: it has the digest that this page names, but the page has not passed.');
    } else {
      tell(verdict, UNCHECKED, '○ 未选择', '文件：尚未选择或未能读取，未核对。', 'The file: none was chosen, or it could not be read; no file is checked.');
    }
  };

  const run = async () => {
    const body = bodyDigest();
    results.textContent = '';
    const values = new Map();
    const rows = [];
    let deposit;
    await attempt('sha-256', 'SHA-256', async () => {
      const [found, own] = [hex(await sha256(utf8.encode('abc'))), hex(Sha256.of(utf8.encode('abc')))];
      return answer(found === own && own === 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        subtle ? 'Web Crypto' : '本页自带 the page\'s own');
    });
    await attempt('page', '本页与制作时相同 the page is as it was made', async () => {
      const made = document.querySelector('meta[name="body-sha-256"]');
      return answer(made !== null && hex(await body) === made.content, '内容、文字与结构 content, words and structure');
    });
    await attempt('embedded', '内嵌的证明 embedded proofs', async () => {
      const policy = await readPolicy(embedded('policy'));
      let asOf;
      let names;
      readClocks();
      await attempt('as-of', '截至区块 as of block', async () => (asOf = await checkAsOf(policy, values)));
      require(asOf, 'the state of no block is proven');
      await attempt('roster', '名册中的名称 names in the roster', async () => {
        const found = await checkRoster(asOf, values);
        names = found.names;
        return found;
      });
      const count = document.querySelectorAll('pre[id^="proof-"]').length;
      require(count >= 1, 'the page embeds no proof');
      for (let number = 1; number <= count; number++) rows.push(await checkProof(number, policy));
      // What a member is called: as of the block of the list, else as a row has it, else by its id.
      const called = (id) => names?.get(id) ?? rows.findLast(({ member }) => member.get('id') === id)?.member.get('name') ??
        new Map([['zh', id]]);
      for (const row of rows) valuesOf(row, values, called);
      readIssue(values);
      [deposit] = rows;
      const subject = deposit.statement.claims.get(2n);
      await attempt('rows', `截至第 ${asOf.block.get('height')} 区块的全部记录 all records as of the block`, async () => {
        const list = valueAt(asOf, 'subject', 'evidence', subject);
        require(list, 'no list of the records about the item is proven');
        await requireAll(list, rows.map(({ proof, statement }) => ({ index: proof.index, id: statement.id })));
        return answer(true, `${rows.length}`);
      });
      let item;
      await attempt('chain', '流转记录逐条相接 custody rows follow each other', async () => {
        const found = checkChain(rows, values, called);
        item = found.item;
        return found;
      });
      await attempt('state', '当前状态与账本状态一致 the present state is the ledger\'s', async () => {
        const value = valueAt(asOf, 'evidence', 'item', subject);
        require(value && item, 'no present state of the item is proven');
        require(isSame(Reader.whole(value), item), 'the state of the ledger is not what the rows give');
        return answer(true, shown(item.get('state')));
      });
      const ledger = deposit.statement.claims.get(3n);
      const id = hex(deposit.statement.id);
      const over = hex(await sha256(...rows.map((row) => row.statement.id)));
      const height = asOf.block.get('height');
      values.set('number', `ZC-${ledger.slice(0, 8)}-${id.slice(0, 16)}-${height}-${over.slice(0, 8)}`.toUpperCase());
      values.set('ledger', ledger);
      values.set('row-count', `${count}`);
      values.set('origin', shown(deposit.proof.note.origin));
      await attempt('visible', '可见文字与证明一致 visible text is as proven', async () => checkVisible(values));
      return answer(true, `${count}`);
    });
    // What no page can show is never part of what has passed.
    show('trust', UNCHECKED, '内嵌策略与本页脚本是否可信 whether the embedded policy and this script can be trusted',
      '本页不能自证 a page cannot vouch for itself');
    summarise();
    const input = document.getElementById('file');
    let listed = [];
    let chosen;
    // Compares what was chosen: with the deposit, and where a directory was deposited with the lines of its manifest.
    const compare = () => {
      if (!chosen) return;
      const { name, size, digest } = chosen;
      fileName = shown(name);
      const title = `文件 file ${fileName}`;
      const wanted = deposit.payload.get('digests').get('sha-256');
      const spelled = hex(digest);
      const line = listed.find((line) => line.digest === spelled && line.size === BigInt(size));
      const isSame = equal(digest, wanted) && BigInt(size) === deposit.payload.get('size');
      fileState = isSame || line ? PASSED : FAILED;
      const path = line && line.name !== undefined ? ` ${shown(line.name)}` : '';
      show('file', fileState, title, `${isSame ? '与存证的摘要相同 has the deposited digest' :
        line ? `是存证目录中的文件${path} is a file of the deposited directory` :
          deposit.payload.get('manifest') && !listed.length ? '不是存证的清单；请另选清单或节录 not the manifest; choose the manifest or an extract too' :
            '不是存证的文件 is NOT the deposited file'}, SHA-256 ${hex(digest)}`);
    };
    // Has `read` take in what was chosen as `what`, and gives the verdicts anew.
    const choosing = (what, read) => async (file) => {
      document.documentElement.dataset[what] = 'busy';
      await read(file);
      summarise();
      document.documentElement.dataset[what] = 'done';
    };
    const check = choosing('file', async (file) => {
      const title = `文件 file ${shown(file.name)}`;
      fileState = undefined;
      chosen = undefined;
      try {
        require(deposit?.payload.get('digests')?.get('sha-256') instanceof Uint8Array, 'no digest of the deposit could be read');
        const digest = await sha256OfFile(file, (done) => show('file', UNCHECKED, title, `${done} / ${file.size}`));
        chosen = { name: file.name, size: file.size, digest };
        compare();
      } catch (error) {
        show('file', UNCHECKED, title, error instanceof Fault ? error.message : '读取失败 could not be read');
      }
    });
    const checkManifest = choosing('manifest', async (file) => {
      const title = `清单 manifest ${shown(file.name)}`;
      listed = [];
      try {
        listed = await readManifest(new Uint8Array(await file.arrayBuffer()), deposit);
        show('manifest', PASSED, title, `${listed.length}`);
      } catch (error) {
        show('manifest', FAILED, title, error instanceof Fault ? error.message : 'malformed 格式不对');
      }
      compare();
    });
    show('file', UNCHECKED, '文件 file', '尚未选择 none chosen yet');
    const other = document.getElementById('manifest');
    for (const [element, body] of [[input, check], [other, checkManifest]]) {
      if (!element) continue;
      element.disabled = false;
      element.addEventListener('change', () => element.files.length && body(element.files[0]));
    }
    const drop = document.getElementById('drop');
    drop.addEventListener('dragover', (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
    drop.addEventListener('dragleave', () => drop.classList.remove('over'));
    drop.addEventListener('drop', async (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      for (const file of [...event.dataTransfer.files]) {
        const isManifest = other && /^zheng-manifest/.test(await file.slice(0, 14).text());
        await (isManifest ? checkManifest(file) : check(file));
      }
    });
    document.documentElement.dataset.checks = 'done';
  };
  // Paper has no use for what is folded.
  addEventListener('beforeprint', () => document.querySelectorAll('details.annex').forEach((annex) => {
    annex.open = true;
  }));
  // What stands behind this script is part of the page too.
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', run);
  else run();
})();
