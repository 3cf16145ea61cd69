  // ---- Answers about what somebody has in hand, shared by the pages of a node and by verify.html. What is above checks proofs; what
  // follows gives `texts` and `isChinese`, what a clock is called, `clockName`, and how records and items are linked, `recordLink` and
  // `itemLink`.

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

  const stepList = (steps) => steps.map(({ state, key, values, detail }) => {
    const row = make('li', state, make('b', '', `${{ passed: '✓', failed: '✕', unchecked: '△' }[state]} `, say(`js.${state}`)),
      make('span', '', say(key, values)));
    if (detail) row.lastChild.append(make('br'), detail);
    return row;
  });
  const stepsOf = (steps) => {
    const details = make('details', '', make('summary', '', say('js.how')), make('ol', 'steps', ...stepList(steps)));
    details.open = steps.some(({ state }) => state === FAILED);
    return details;
  };
  // What a check threw, in words. What no text is called is a matter of format, a status, or a text already.
  const reason = (error) => {
    const [, row = '', message] = error.message.match(/^([0-9]+: )?(.*)$/s);
    if (error instanceof Fault && texts[`fault.${message}`]) return row + texts[`fault.${message}`];
    return error instanceof Fault && (!isChinese || !/^[A-Za-z]/.test(message)) ? error.message : say('js.malformed', { detail: error.message }).join('');
  };

  const tone = { good: '✓', bad: '✕', warn: '△', none: '○' };
  const verdictOf = (look, word, ...content) => {
    const box = make('div', `verdict ${look}`, make('b', '', `${tone[look]} `, say(word)), make('p', '', ...content));
    box.dataset.verdict = word.replace(/^(answer|js)\./, '');
    return box;
  };
  const bullets = (title, rows) => make('div', 'card', make('h3', '', say(title)), make('ul', '', ...rows.map((row) => make('li', '', row))));
  const factsOf = (title, rows) => {
    const list = make('dl', 'facts', ...rows.flatMap(([name, value]) => [make('dt', '', say(name)), make('dd', '', value)]));
    return make('div', 'card', make('h3', '', say(title)), list);
  };
  // A name in this page's language, or in the other where it has only that.
  const nameIn = (name) => shown(isChinese ? name.get('zh') ?? name.get('en') : name.get('en') ?? name.get('zh'));
  const nameOfMember = (record) => nameIn(record.member.get('name'));
  const word = (list, name) => texts[`${list}.${name}`] ?? shown(name);

  // ---- What proofs prove, or a fault where they do not hold

  const requireSigned = ({ log, quorum }) => {
    require(log.state !== FAILED, 'the log\'s signature is not good');
    require(quorum !== FAILED, 'too few cosignatures');
  };

  // What the proof of a record proves under `policy`.
  const proveRecord = async (spelled, policy, steps) => {
    const states = {};
    const record = await checkRecord(spelled, policy, async (part, body) => {
      states[part] = (await body()).state;
      require(part !== 'signature' || states[part] !== FAILED, 'the issuer\'s signature is not good');
    });
    requireSigned(record.verdict);
    steps.push({ state: worst([states.log, states.quorum]), key: 'js.step-record', values: { entry: record.index } },
      { state: states.signature, key: 'js.step-signature', values: { entry: record.index } });
    return record;
  };

  // The bytes of a key of the state, of its parts.
  const keyOf = (...parts) => concat(...parts.map((part, place) => concat(
    new Uint8Array(place ? 1 : 0), typeof part === 'string' ? utf8.encode(part) : part)));

  // What the state has at each key of a proof, under `policy`.
  const proveState = async (spelled, policy, steps) => {
    const { verdict, block, values } = await checkState(spelled, policy);
    requireSigned(verdict);
    requireBlock(policy, block.get('height'));
    steps.push({ state: verdict.log.state, key: 'js.step-log' }, { state: verdict.quorum, key: 'js.step-quorum' },
      { state: worst([verdict.log.state, verdict.quorum]), key: 'js.step-state', values: { block: block.get('height') } });
    return { verdict, block, values, at: (...parts) => values.get(hex(keyOf(...parts))) };
  };

  // ---- The four answers

  const isDigest = (value, digest) => value instanceof Uint8Array && equal(value, digest);
  const subjectOf = (record) => record.statement.claims.get(2n);
  const depositIn = (records) => records.find(({ kind }) => kind === 'evidence.deposit');

  // Whether a record is of the file with this digest, or names it: each byte string of 32 bytes in CBOR, each run of 64 hex digits in text.
  const isNaming = async ({ statement: { payload } }, digest) => {
    if (equal(await sha256(payload), digest)) return true;
    const inText = (value) => value.split(/[^0-9a-fA-F]+/).some((run) => run.toLowerCase() === hex(digest));
    const holds = (item) => (item instanceof Uint8Array ? isDigest(item, digest) : typeof item === 'string' ? inText(item) :
      Array.isArray(item) ? item.some(holds) : item instanceof Map ? [...item.values()].some(holds) : item?.item !== undefined && holds(item.item));
    try {
      return holds(Reader.whole(payload));
    } catch (error) {
      return inText(String.fromCharCode(...payload));
    }
  };

  // What proven records say of `file`, { name, size, digest }: { look, word, text, speaks }, where `speaks` is the record that tells.
  //
  // `naming` are the records that name its digest, `item` is the one that it should be, if any, `about(item)` gives the records about an
  // item, and `listed` has the files of a deposited directory, { deposit, lines }, where its manifest is at hand.
  const judgeFile = async (file, { naming, item, about, listed }) => {
    const values = { file: make('b', '', shown(file.name)) };
    const deposits = naming.filter(({ kind, payload }) => kind === 'evidence.deposit' && isDigest(payload.get('digests').get('sha-256'), file.digest) &&
      payload.get('size') === BigInt(file.size)).filter((record) => !item || subjectOf(record) === item);
    const line = listed?.lines.find(({ digest, size }) => digest === hex(file.digest) && size === BigInt(file.size));
    const speaks = deposits[0] ?? (line && listed.deposit);
    if (speaks) {
      values.item = itemLink(subjectOf(speaks));
      const correction = (await about(subjectOf(speaks))).findLast(({ kind, payload }) => kind === 'evidence.correct' && isDigest(payload.get('statement'), speaks.id));
      if (correction) {
        return { look: 'warn', word: 'answer.corrected', text: say('js.corrected', { ...values, record: recordLink(correction.index) }), speaks };
      }
      const text = deposits.length ? say('js.same', { ...values, member: nameOfMember(speaks) }) :
        line.name === undefined ? say('js.same-listed', values) : say('js.same-listed-as', { ...values, path: make('b', '', shown(line.name)) });
      return { look: 'good', word: 'answer.same', text, speaks };
    }
    const rows = item ? await about(item) : [];
    const received = (item ? rows : naming).find(({ kind, payload }) => kind === 'evidence.accept' && isDigest(payload.get('digest'), file.digest));
    if (rows.length) {
      values.item = itemLink(item);
      if (received) return { look: 'bad', word: 'answer.other', text: say('js.received', { ...values, record: recordLink(received.index) }) };
      const isDirectory = depositIn(rows)?.payload.has('manifest');
      return isDirectory && !listed ? { look: 'none', word: 'js.not-yet-word', text: say('js.needs-manifest', values) } :
        { look: 'bad', word: 'answer.other', text: say(isDirectory ? 'js.not-listed' : 'js.other', values) };
    }
    const other = naming.find(({ kind }) => kind !== 'evidence.accept');
    if (other) {
      return { look: 'good', word: 'answer.same', speaks: other,
        text: say('js.same-record', { ...values, record: recordLink(other.index), kind: word('kind', other.kind), member: nameOfMember(other) }) };
    }
    if (received) {
      return { look: 'bad', word: 'answer.other',
        text: say('js.received', { ...values, item: itemLink(subjectOf(received)), record: recordLink(received.index) }) };
    }
    return { look: 'none', word: 'answer.never' };
  };

  // An answer as it is shown: the verdict, what it proves and what not, and how that was found. Where this browser could not check
  // signatures there is no verdict, and nothing is proven.
  const answerParts = ({ look, word: name, text: content, speaks }, policy, steps, { proves = [], not = [] }) => {
    const notTrue = speaks ? [say('js.not-true'), say('js.not-before')] : [];
    if (worst(steps.map(({ state }) => state)) !== PASSED) {
      const box = verdictOf('warn', 'js.unsigned-word', say('js.unsigned'));
      box.append(make('p', 'then', say('js.unsigned-then'), make('br'), content));
      return [box, bullets('js.proves-not', [say('js.not-signed'), ...notTrue, ...not]), stepsOf(steps)];
    }
    const all = [];
    if (speaks) {
      const { time: bound, witnesses } = speaks.verdict;
      const count = policy.witnesses.size + policy.absent.size;
      all.push(bound === undefined ? say('js.proves-untimed') : say('js.proves-unchanged', { time: moment(bound), clock: clockName() }),
        say('js.proves-signed', { member: nameOfMember(speaks) }),
        count === 1 ? say('js.proves-operator') : say('js.proves-quorum', { all: count, signed: witnesses.length }));
    }
    const says = make('div', 'says two', bullets('js.proves', [...all, ...proves]),
      bullets('js.proves-not', [...notTrue, ...not]));
    return [verdictOf(look, name, content), ...(all.length || proves.length ? [says] : []), stepsOf(steps)];
  };

  // ---- What was brought: certificates, proofs, policies, manifests and files

  const mostOfPapers = 64 << 20;
  // What a file is, by its beginning. What is none of these, or larger, is a file to be checked.
  const sortOf = async (file) => {
    const head = file.size <= mostOfPapers ? await file.slice(0, 4096).text() : '';
    if (/^\ufeff?\s*<(!doctype html|html)/i.test(head) && head.includes('<meta name="generator" content="zheng certificate">')) return 'certificate';
    if (head.startsWith('c2sp.org/tlog-proof@')) return 'proof';
    if (/^zheng-manifest(-extract)? 1\r?\n/.test(await file.slice(0, 32).text())) return 'manifest';
    return file.size < 65536 && /^(#[^\n]*\n|[ \t]*\n)*log[ \t]+\S+\+[0-9a-f]{8}\+/.test(head) ? 'policy' : 'file';
  };

  // Takes `file` in as what it is, or as a file to be checked where that is asked for.
  const takeIn = async (file, held, isFile, progress) => {
    const sort = isFile ? 'file' : await sortOf(file);
    if (sort === 'file') {
      held.file = { name: file.name, size: file.size, digest: await sha256OfFile(file, progress) };
      return;
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    const paper = { name: file.name, size: file.size, bytes, digest: await sha256(bytes) };
    if (sort === 'proof') held.proofs = [...held.proofs.filter(({ digest }) => !equal(digest, paper.digest)), paper];
    else held[sort] = paper;
  };

  // The files that a manifest or an extract at hand proves of the directory in `deposit`; undefined where there is none.
  const listedIn = async ({ manifest }, deposit, steps) => {
    if (!manifest || !deposit?.payload.has('manifest')) return undefined;
    const lines = await readManifest(manifest.bytes, deposit);
    steps.push({ state: PASSED, key: 'js.step-manifest', values: { count: lines.length } });
    return { deposit, lines };
  };

  // Checks a certificate under `policy`; what fails is a step.
  const checkPaper = async (paper, policy, steps) => {
    const certificate = { values: new Map(), rows: [] };
    const found = new Map();
    const attempt = async (name, body) => {
      let result;
      try {
        result = await body();
      } catch (error) {
        result = { state: FAILED, detail: reason(error) };
      }
      found.set(name, result);
    };
    await attempt('embedded', async () => {
      // Its script does not run, and nothing that it names is loaded. Its style, which no check reads, would be blocked with a complaint.
      const spelled = text(paper.bytes).replace(/(<!--part:style--><style>)[^<]*(?=<\/style>)/, '$1');
      const page = new DOMParser().parseFromString(spelled, 'text/html');
      await attempt('page', async () => answer(await isAsMade(page)));
      // Said at once, instead of each proof that it does not hold.
      const [first] = Reader.sequence(readProof(embedded(page, 'proof-1')).extra);
      requireLedger(policy, (await Sign1.of(first)).claims?.get(3n));
      return checkCertificate(page, policy, certificate, attempt);
    });
    const add = (key, values, results) => {
      if (!results.length) return;
      const state = worst(results.map((result) => result.state));
      steps.push({ state, key, values, detail: state === FAILED ? results.find((result) => result.state === FAILED).detail : undefined });
    };
    const isOf = (number) => ([name]) => name.startsWith(`proof-${number}.`);
    const parts = [...found];
    for (const { number, index } of certificate.rows) add('js.step-record', { entry: index }, parts.filter(isOf(number)).map(([, result]) => result));
    for (const name of ['as-of', 'rows', 'roster', 'chain', 'state', 'visible', 'page', 'embedded']) {
      add(`js.check-${name}`, {}, found.has(name) ? [found.get(name)] : []);
    }
    return { ...certificate, state: worst(parts.map(([, result]) => result.state)) };
  };

  // The answer to a certificate, with a file or without. `since(item)` gives the records about it as they are now, where they are known.
  const judgeCertificate = async (held, policy, steps, not, since) => {
    const certificate = await checkPaper(held.certificate, policy, steps);
    if (certificate.state === FAILED) {
      const { key, values, detail } = steps.find(({ state }) => state === FAILED);
      // Which places of the page show something else is for the list of steps.
      const more = !detail || key === 'js.check-visible' ? '' : isChinese ? `（${detail}）` : ` (${detail})`;
      const named = { name: make('b', '', shown(held.certificate.name)), what: make('span', '', say(key, values), more) };
      return [verdictOf('bad', 'js.unproven-word', say('js.certificate-failed', named)), stepsOf(steps)];
    }
    const { rows, deposit, item, asOf, values, called } = certificate;
    const subject = subjectOf(deposit);
    const height = asOf.block.get('height');
    const now = await since?.(subject);
    const proves = [say('js.proves-rows', { block: height, count: rows.length })];
    if (now?.height >= height) {
      const later = now.records.length - rows.length;
      proves.push(later ? say('js.later', { count: later, item: itemLink(subject), block: now.height }) : say('js.no-later', { block: now.height }));
    }
    const told = factsOf('js.certificate', [['js.certificate-number', values.get('number')], ['js.certificate-item', itemLink(subject)],
      ['js.certificate-state', word('state', item.get('state'))], ['js.certificate-custodian', nameIn(called(item.get('custodian')))],
      ['js.certificate-as-of', say('js.certificate-block', { block: height, time: moment(asOf.block.get('time') / 1000n) })]]);
    const listed = await listedIn(held, deposit, steps);
    const file = held.file ?? held.manifest;
    const naming = [];
    for (const row of file ? rows : []) if (await isNaming(row, file.digest)) naming.push(row);
    const found = file ? await judgeFile(file, { naming, item: subject, about: async () => now?.records ?? rows, listed }) :
      { look: 'none', word: 'js.not-yet-word', text: say('js.choose-file') };
    const parts = answerParts(found, policy, steps, { proves, not: [...(now ? [] : [say('js.not-later', { block: height })]), ...not] });
    parts.splice(-1, 0, told);
    return parts;
  };

  // What a state proof says of one key: nodes. `called` gives what a member is called.
  const sentenceOf = (spelled, value, block, called) => {
    const key = unhex(spelled);
    const [what, ...names] = String.fromCharCode(...key).split('\u0000');
    const rest = key.subarray(what.length + 1);
    const list = value === null ? undefined : Reader.whole(value);
    if (what === 'digest' || what === 'statement') {
      const values = { block, digest: groups(hex(rest)) };
      if (!list) return say(`js.state-no-${what}`, values);
      return what === 'digest' ? say('js.state-digest', { ...values, count: list.get('count') }) :
        say('js.state-statement', { ...values, record: recordLink(list.get('index')) });
    }
    const name = text(rest.subarray(rest.indexOf(0) + 1));
    if (what === 'subject') {
      const values = { block, subject: make('b', '', shown(name)) };
      return list ? say('js.state-subject', { ...values, count: list.get('count') }) : say('js.state-no-subject', values);
    }
    if (what === 'evidence' && names[0] === 'item') {
      const values = { block, item: itemLink(name) };
      return list ? say('js.state-item', { ...values, state: word('state', list.get('state')), custodian: called(list.get('custodian')) }) : say('js.state-no-item', values);
    }
    return say(list ? 'js.state-other' : 'js.state-no-other', { block, key: shown(text(key).replace(/\u0000/g, ' ')) });
  };

  // Whether a proof is of keys of the state: its second item is no record's header.
  const isOfState = (spelled) => Array.isArray(Reader.whole(Reader.sequence(readProof(spelled).extra)[1] ?? new Uint8Array([0])));

  // The answer to proofs, with a file or without.
  const judgeProofs = async (held, policy, steps, not) => {
    const records = [];
    const states = [];
    for (const paper of held.proofs) {
      const spelled = text(paper.bytes);
      if (isOfState(spelled)) states.push(await proveState(spelled, policy, steps));
      else records.push(await proveRecord(spelled, policy, steps));
    }
    records.sort((left, right) => ascending(left.index, right.index));
    // What the newest of the state proofs has at a key, and its height; and whether the records at hand are all that it lists.
    const valueAt = (...parts) => {
      const [found] = states.filter(({ at }) => at(...parts) !== undefined).sort((left, right) => ascending(right.block.get('height'), left.block.get('height')));
      return found && { value: found.at(...parts), height: found.block.get('height') };
    };
    const called = (id) => nameIn(records.findLast(({ member }) => member.get('id') === id)?.member.get('name') ?? new Map([['zh', id]]));
    const proves = states.flatMap(({ values, block }) => [...values].map(([key, value]) => sentenceOf(key, value, block.get('height'), called)));
    const all = async (found, these) => {
      if (!found || (these.length === 0 && found.value !== null)) return;
      await requireAll(found.value, these);
      steps.push({ state: PASSED, key: these.length ? 'js.step-list' : 'js.step-none', values: { count: these.length } });
    };
    const file = held.file ?? held.manifest;
    if (!file) {
      const told = records.map((record) => say('js.record-says', { record: recordLink(record.index), kind: word('kind', record.kind), member: nameOfMember(record),
        subject: shown(subjectOf(record) ?? '–'), block: record.block.get('height') }));
      return answerParts({ look: 'none', word: 'js.not-yet-word', text: say('js.choose-file') }, policy, steps, { proves: [...told, ...proves], not });
    }
    const naming = [];
    for (const record of records) if (await isNaming(record, file.digest)) naming.push(record);
    const ofFile = valueAt('digest', file.digest);
    await all(ofFile, naming);
    const deposit = depositIn(records);
    const listed = await listedIn(held, deposit, steps);
    const about = async (item) => {
      const these = records.filter((record) => subjectOf(record) === item);
      const found = valueAt('subject', 'evidence', item);
      await all(found, these);
      if (!found) not = [say('js.not-corrected'), ...not];
      return these;
    };
    const values = { file: make('b', '', shown(file.name)) };
    let found = await judgeFile(file, { naming, about, listed });
    if (found.word === 'answer.never') {
      // No record at hand names it: that none does is proven by the state alone.
      if (ofFile?.value === null) found.text = say('js.never', { ...values, block: ofFile.height });
      else if (ofFile) found = { look: 'none', word: 'js.not-yet-word', text: say('js.recorded', { ...values, count: Reader.whole(ofFile.value).get('count') }) };
      else if (deposit?.payload.has('manifest') && !listed) found = { look: 'none', word: 'js.not-yet-word', text: say('js.needs-manifest', { ...values, item: itemLink(subjectOf(deposit)) }) };
      else if (records.length) found = { look: 'bad', word: 'answer.other', text: say('js.other-records', values) };
      else found = { look: 'none', word: 'js.not-yet-word', text: say('js.says-nothing', values) };
    }
    return answerParts(found, policy, steps, { proves, not });
  };

  // The answer to what is held under `policy`: a certificate, or else proofs.
  const judgePapers = async (held, policy, steps, not, since) => {
    const file = held.file ?? (held.certificate || held.proofs.length ? held.manifest : undefined);
    if (file) steps.unshift({ state: PASSED, key: 'js.step-digest', detail: groups(hex(file.digest)) });
    try {
      return held.certificate ? await judgeCertificate(held, policy, steps, not, since) : await judgeProofs(held, policy, steps, not);
    } catch (error) {
      return [verdictOf('bad', 'js.unproven-word', say('js.papers-failed', { reason: reason(error) })), stepsOf(steps)];
    }
  };

  // Has `take` get the files that are dropped at `drop`.
  const dropping = (drop, take) => {
    drop.addEventListener('dragover', (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
    drop.addEventListener('dragleave', () => drop.classList.remove('over'));
    drop.addEventListener('drop', (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
    });
  };

  // The place where files are dropped or chosen. `judge(held)` gives the parts of the answer to all that is held.
  const checker = (judge) => {
    const [drop, state, list, place] = ['drop', 'file-state', 'held', 'answer'].map((id) => document.getElementById(id));
    const held = { proofs: [] };
    let turn = 0;
    const row = (key, paper, remove) => {
      const button = make('button', 'plain', say('js.remove'));
      button.type = 'button';
      button.setAttribute('aria-label', say('js.remove-it', { name: shown(paper.name) }).join(''));
      button.addEventListener('click', () => {
        remove();
        update();
      });
      return make('li', '', make('span', 'soft', say(key)), ' ', make('b', '', shown(paper.name)), ' ', button);
    };
    const showHeld = () => {
      const rows = ['policy', 'certificate', 'manifest', 'file'].filter((sort) => held[sort])
        .map((sort) => row(`js.held-${sort}`, held[sort], () => delete held[sort]));
      rows.splice(held.policy ? 1 : 0, 0, ...held.proofs.map((paper) => row('js.held-proof', paper, () => {
        held.proofs = held.proofs.filter((other) => other !== paper);
      })));
      list.replaceChildren(...rows);
    };
    const update = async (take = async () => {}) => {
      const mine = ++turn;
      document.documentElement.dataset.file = 'busy';
      place.replaceChildren();
      let parts = [];
      try {
        await take();
        showHeld();
        state.replaceChildren(...say('js.asking'));
        parts = await judge(held);
        if (mine === turn) state.replaceChildren(...say(parts.length ? 'js.done' : 'js.none-chosen'));
      } catch (error) {
        state.replaceChildren(...say('js.not-read'));
      }
      if (mine !== turn) return;
      // What was checked when is by the word of this machine, and of use on paper.
      const checkedAt = () => say('js.checked-at', { time: moment(BigInt(Math.floor(Date.now() / 1000))), clock: clockName() });
      place.replaceChildren(...parts, ...(parts.length ? [make('p', 'soft', checkedAt())] : []));
      document.documentElement.dataset.file = 'done';
    };
    const take = (files, isFile) => update(async () => {
      for (const file of files) {
        await takeIn(file, held, isFile, (done) => state.replaceChildren(...say('js.hashing', { done, size: file.size })));
      }
    });
    for (const id of ['file', 'any']) {
      const input = document.getElementById(id);
      input?.addEventListener('change', () => {
        const files = [...input.files];
        // The same file may be chosen again.
        input.value = '';
        if (files.length) take(files, id === 'any');
      });
    }
    dropping(drop, (files) => take(files, false));
    const limits = document.getElementById('no-crypto');
    if (limits) limits.hidden = Boolean(subtle);
    return { held, update };
  };

  // Paper has no use for what is folded.
  let opened;
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')];
    for (const details of opened) details.open = true;
  });
  addEventListener('afterprint', () => {
    for (const details of opened ?? []) details.open = false;
  });
