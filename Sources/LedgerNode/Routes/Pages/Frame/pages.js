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
  run();
})();
