  // ---- The pages of a node. What is above is the certificate's reader of proofs, in whose function this stands.

  const texts = JSON.parse(document.getElementById('texts').textContent);
  const { dataset: ofPage } = document.querySelector('main');
  offset = BigInt(ofPage.offset);
  const isChinese = document.documentElement.lang.startsWith('zh');
  // The text called `key`, as nodes, with its places filled by texts or by nodes; what is missing is an error.
  const say = (key, values = {}) => {
    require(texts[key], `no text is called ${key}`);
    return texts[key].split(/(\{[a-z]+\})/).map((part) => {
      const [, name] = part.match(/^\{([a-z]+)\}$/) || [];
      if (!name) return part;
      require(values[name] !== undefined && values[name] !== '', `${key}: no value for ${name}`);
      const value = values[name];
      return value instanceof Node ? value.cloneNode(true) : String(value);
    });
  };
  const make = (name, style, ...content) => {
    const element = document.createElement(name);
    if (style) element.className = style;
    element.append(...content.flat());
    return element;
  };
  const chosen = new URLSearchParams(location.search).get('lang');
  const link = (path, query, ...content) => {
    const element = make('a', '', ...content);
    element.href = `${path}?${new URLSearchParams(chosen ? { ...query, lang: chosen } : query)}`;
    return element;
  };
  const recordLink = (index) => link('record', { entry: index }, say('js.record', { entry: index }));
  const itemLink = (item) => link('item', { id: item }, shown(item));
  const groups = (digits) => {
    const element = make('span', 'hash');
    for (const group of digits.match(/.{1,4}/g) || []) element.append(make('i', '', group));
    return element;
  };

  const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
  const moment = (seconds) => {
    if (isChinese) return time(seconds);
    const [day, clock] = civil(seconds + offset * 60n);
    const [year, month, date] = day.split('-').map(Number);
    return `${date} ${months[month - 1]} ${year} ${clock}`;
  };

  // ---- What the node gives

  const get = async (address) => {
    let answer;
    try {
      answer = await fetch(address);
    } catch (error) {
      throw new Fault('no connection');
    }
    if (answer.status === 401 || answer.status === 403) throw new Fault(say('js.members-only').join(''));
    require(answer.ok, `${answer.status}`);
    return answer;
  };
  const getText = async (address) => (await get(address)).text();

  // The trust file, which must be of the ledger that the page shows.
  let policyAtHand;
  const policyOfLedger = async (steps) => {
    policyAtHand = policyAtHand || await getText('policy');
    const [, ledger] = policyAtHand.match(/^# ledger ([0-9a-f]{64})$/m) || [];
    const shownLedger = document.querySelector('footer .id .hash').textContent;
    require(ledger === shownLedger, 'the policy is of another ledger');
    steps.push({ state: PASSED, key: 'js.step-policy' });
    return readPolicy(policyAtHand);
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

  const noteSteps = (verdict, steps) => {
    steps.push({ state: verdict.log.state, key: 'js.step-log' }, { state: verdict.quorum, key: 'js.step-quorum' });
  };

  // What the proof of a record proves under `policy`.
  const proveRecord = async (spelled, policy, steps) => {
    const proof = readProof(spelled);
    const { note } = proof;
    const [entry, headerEntry, rawHeaderPath, item, rawItemPath] = Reader.sequence(proof.extra);
    const statement = await Sign1.of(entry);
    const verdict = await evaluate(policy, note);
    await requireInTree(entry, proof.index, note.size, proof.path, note.root, 'the record is not in the log');
    const block = await readHeader(headerEntry);
    const [at, path] = Reader.whole(rawHeaderPath);
    await requireInTree(headerEntry, at, note.size, path, note.root, 'the header is not in the log');
    require(block.get('size') === at && block.get('first') <= proof.index && proof.index < at, 'the record is not of this block');
    requireBlock(policy, block.get('height'));
    const member = Reader.whole(item);
    const [place, size, siblings] = Reader.whole(rawItemPath);
    await requireInTree(item, place, size, siblings, block.get('roster'), 'the issuer is not in the roster of the block');
    require(member.get('id') === statement.claims.get(1n), 'the roster item is another member\'s');
    let key;
    for (const held of member.get('keys')) {
      const candidate = await coseKey(held.get('key'));
      const height = block.get('height');
      if (equal(candidate.thumbprint, statement.keyID) && held.get('from') <= height && !(held.get('until') <= height)) key = candidate;
    }
    require(key && key.algorithm === statement.algorithm, 'the key was not the issuer\'s at that height');
    const signature = stateOf(await verified(key.algorithm, key.raw, statement.signature, statement.signed));
    require(signature !== FAILED, 'the issuer\'s signature is not good');
    steps.push({ state: worst([verdict.log.state, verdict.quorum]), key: 'js.step-record', values: { entry: proof.index } },
      { state: signature, key: 'js.step-signature', values: { entry: proof.index } });
    let payload = null;
    if (statement.type.startsWith(prefix)) payload = Reader.whole(statement.payload);
    return { proof, statement, block, member, verdict, payload, index: proof.index, id: statement.id, kind: kindName(statement.type) };
  };

  // What the state has at each key of a proof, under `policy`.
  const proveState = async (spelled, policy, steps) => {
    const { verdict, block, values } = await checkState(spelled, policy);
    requireBlock(policy, block.get('height'));
    noteSteps(verdict, steps);
    steps.push({ state: worst([verdict.log.state, verdict.quorum]), key: 'js.step-state', values: { block: block.get('height') } });
    return { verdict, block, values, at: (...parts) => values.get(hex(concat(...parts.map((part, place) => concat(
      new Uint8Array(place ? 1 : 0), typeof part === 'string' ? utf8.encode(part) : part))))) };
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

  const stepList = (steps) => steps.map(({ state, key, values, detail }) => {
    const row = make('li', state, make('b', '', `${{ passed: '✓', failed: '✕', unchecked: '△' }[state]} `, say(`js.${state}`)),
      make('span', '', say(key, values)));
    if (detail) row.lastChild.append(make('br'), detail);
    return row;
  });
  const reason = (error) => (error instanceof Fault ? error.message : `malformed: ${error.message}`);

  // ---- Check a file

  const nameOfMember = (record) => {
    const name = record.member.get('name');
    return shown((isChinese ? name.get('zh') ?? name.get('en') : name.get('en') ?? name.get('zh')));
  };
  const tone = { good: '✓', bad: '✕', warn: '△', none: '○' };
  const verdictOf = (look, word, ...content) => {
    const box = make('div', `verdict ${look}`, make('b', '', `${tone[look]} `, say(word)), make('p', '', ...content));
    box.dataset.verdict = word.replace(/^(answer|js)\./, '');
    return box;
  };
  const bullets = (title, rows) => {
    const list = make('ul', '', ...rows.map((row) => make('li', '', row)));
    return make('div', 'card', make('h3', '', say(title)), list);
  };
  const isDigest = (value, digest) => value instanceof Uint8Array && equal(value, digest);

  const answerFor = async ({ name, size, digest }, expected) => {
    const steps = [{ state: PASSED, key: 'js.step-digest', detail: groups(hex(digest)) }];
    const file = make('b', '', shown(name));
    const parts = [];
    const policy = await policyOfLedger(steps);
    const found = await proveAll(`proof?digest=${hex(digest)}`, policy, steps, 'digest', digest);
    const height = found.block.get('height');
    const kind = (what) => found.records.filter((record) => record.kind === what);
    let deposits = kind('evidence.deposit').filter(({ payload }) => isDigest(payload.get('digests').get('sha-256'), digest));
    let box;
    let speaks;
    let about;
    if (expected) {
      about = await proveAll(`proof?${new URLSearchParams({ item: expected })}`, policy, steps, 'subject', 'evidence', expected);
      if (about.records.length === 0) about = undefined;
      else deposits = deposits.filter(({ statement }) => statement.claims.get(2n) === expected);
    }
    if (deposits.length) {
      [speaks] = deposits;
      const item = speaks.statement.claims.get(2n);
      about = await proveAll(`proof?${new URLSearchParams({ item })}`, policy, steps, 'subject', 'evidence', item);
      const correction = about.records.findLast((record) => record.kind === 'evidence.correct' && isDigest(record.payload.get('statement'), speaks.id));
      box = correction ?
        verdictOf('warn', 'answer.corrected', say('js.corrected', { file, item: itemLink(item), record: recordLink(correction.index) })) :
        verdictOf('good', 'answer.same', say('js.same', { file, member: nameOfMember(speaks), item: itemLink(item) }));
    } else if (about) {
      box = verdictOf('bad', 'answer.other', say('js.other', { file, item: itemLink(expected) }));
    } else if (found.records.length) {
      const received = kind('evidence.accept');
      if (received.length === found.records.length) {
        const record = received[0];
        box = verdictOf('bad', 'answer.other', say('js.received', { file, item: itemLink(record.statement.claims.get(2n)), record: recordLink(record.index) }));
      } else {
        speaks = found.records.find((record) => record.kind !== 'evidence.accept');
        box = verdictOf('good', 'answer.same', say('js.same-record', { file, record: recordLink(speaks.index),
          kind: texts[`kind.${speaks.kind}`] ?? shown(speaks.kind), member: nameOfMember(speaks) }));
      }
    } else {
      box = verdictOf('none', 'answer.never', say('js.never', { file, block: height }));
    }
    const isSigned = worst(steps.map(({ state }) => state)) === PASSED;
    if (!isSigned) {
      parts.push(verdictOf('warn', 'js.unsigned-word', say('js.unsigned')));
      box.className = 'verdict none';
    }
    parts.push(box);
    const proves = [];
    if (speaks) {
      const bound = speaks.verdict.time;
      const signed = speaks.verdict.witnesses.length;
      const all = policy.witnesses.size + policy.absent.size;
      proves.push(bound === undefined ? say('js.proves-untimed') : say('js.proves-unchanged', { time: moment(bound), clock: ofPage.clock }),
        say('js.proves-signed', { member: nameOfMember(speaks) }),
        all === 1 ? say('js.proves-operator') : say('js.proves-quorum', { all, signed }));
    }
    proves.push(found.records.length ? say('js.proves-all', { block: height, count: found.records.length }) : say('js.never-proves'));
    const says = make('div', 'says two', bullets('js.proves', isSigned ? proves : proves.slice(-1)),
      bullets('js.proves-not', [...(speaks ? [say('js.not-true'), say('js.not-before')] : []), say('js.not-policy')]));
    const how = make('details', '', make('summary', '', say('js.how')), make('ol', 'steps', ...stepList(steps)));
    parts.push(says, how);
    return parts;
  };

  const checkPage = () => {
    const [input, drop, state, place] = ['file', 'drop', 'file-state', 'answer'].map((id) => document.getElementById(id));
    let turn = 0;
    const check = async (file) => {
      const mine = ++turn;
      document.documentElement.dataset.file = 'busy';
      place.replaceChildren();
      let parts;
      try {
        const digest = await sha256OfFile(file, (done) => state.replaceChildren(...say('js.hashing', { done, size: file.size })));
        state.replaceChildren(...say('js.asking'));
        const expected = document.getElementById('number').value.trim();
        try {
          parts = await answerFor({ name: file.name, size: file.size, digest }, /^[0-9a-f]{64}$|^ZC-/i.test(expected) ? '' : expected);
          state.replaceChildren(...say('js.done', { file: shown(file.name), size: file.size }));
        } catch (error) {
          const isUnreached = error instanceof Fault && /^(no connection|[0-9]{3})$|members|成员/.test(error.message);
          parts = [verdictOf(isUnreached ? 'none' : 'bad', isUnreached ? 'js.no-answer-word' : 'js.unproven-word',
            say(isUnreached ? 'js.no-answer' : 'js.unproven', { reason: reason(error) }))];
          state.replaceChildren(...say('js.done', { file: shown(file.name), size: file.size }));
        }
      } catch (error) {
        parts = [];
        state.replaceChildren(...say('js.not-read'));
      }
      if (mine !== turn) return;
      place.replaceChildren(...parts);
      document.documentElement.dataset.file = 'done';
    };
    input.addEventListener('change', () => {
      const [file] = input.files;
      // The same file may be chosen again.
      input.value = '';
      if (file) check(file);
    });
    drop.addEventListener('dragover', (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
    drop.addEventListener('dragleave', () => drop.classList.remove('over'));
    drop.addEventListener('drop', (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      if (event.dataTransfer.files.length) check(event.dataTransfer.files[0]);
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

  // Changes one byte of a copy of a record, and shows how that is caught.
  const screen = () => {
    const section = document.querySelector('[data-tamper]');
    if (!section) return;
    const place = document.getElementById('tamper');
    const entry = section.dataset.tamper;
    let isBusy = false;
    const change = async () => {
      if (isBusy) return;
      isBusy = true;
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
          verdictOf('bad', 'js.tamper-caught', say('js.tamper-bad', { place: at, old: byte(old), new: byte(copy[at]), reason: found })));
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
    section.addEventListener('pointerup', change);
  };

  const run = async () => {
    if (document.querySelector('[data-check]')) checkPage();
    live();
    screen();
    for (const section of document.querySelectorAll('[data-proof]')) await proofOfPage(section);
    document.documentElement.dataset.checks = 'done';
  };
  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((details) => {
    details.open = true;
  }));
  run();
})();
