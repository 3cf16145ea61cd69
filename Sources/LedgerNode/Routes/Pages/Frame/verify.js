  // ---- verify.html: what somebody brings is checked here, with no node and no network. What is above reads proofs and gives answers.

  const both = JSON.parse(document.getElementById('texts').textContent);
  const { dataset: ofPage } = document.querySelector('main');
  offset = BigInt(ofPage.offset);
  let texts = both.zh;
  let isChinese = true;
  const clockName = () => (offset === 480n ? say('clock.beijing').join('') : `UTC${offset < 0n ? '−' : '+'}${
    pad((offset < 0n ? -offset : offset) / 60n, 2)}:${pad((offset < 0n ? -offset : offset) % 60n, 2)}`);
  // There is no page of them here.
  const recordLink = (index) => make('span', '', say('js.record', { entry: index }));
  const itemLink = (item) => make('b', '', shown(item));

  // The trust file: the one that was brought, else the one that this page was published with.
  const policyFor = async (held, steps) => {
    const own = document.getElementById('policy')?.textContent;
    if (!held.policy && !own) return undefined;
    const policy = await readPolicy(held.policy ? text(held.policy.bytes) : own);
    steps.push({ state: PASSED, key: held.policy ? 'verify.step-brought' : 'verify.step-embedded', detail: policy.ledger ? groups(policy.ledger) : '' });
    return policy;
  };

  const judge = async (held) => {
    const steps = [];
    const hasPapers = held.certificate || held.proofs.length;
    const file = held.file ?? held.manifest;
    if (!hasPapers) {
      if (!file) return held.policy ? [verdictOf('none', 'js.not-yet-word', say('verify.no-papers'))] : [];
      steps.push({ state: PASSED, key: 'js.step-digest', detail: groups(hex(file.digest)) });
      return [verdictOf('none', 'js.not-yet-word', say('verify.only-file', { file: make('b', '', shown(file.name)) })), stepsOf(steps)];
    }
    let policy;
    try {
      policy = await policyFor(held, steps);
    } catch (error) {
      return [verdictOf('bad', 'js.unproven-word', say('verify.bad-policy', { reason: reason(error) }))];
    }
    if (!policy) return [verdictOf('none', 'js.not-yet-word', say('verify.no-policy'))];
    offset = BigInt(ofPage.offset);
    return judgePapers(held, policy, steps, [say(held.policy ? 'verify.not-policy-brought' : 'verify.not-policy'), say('verify.not-page')]);
  };

  const { update } = checker(judge);
  const switcher = document.getElementById('language');
  const speak = (isOther) => {
    isChinese = !isOther;
    texts = isChinese ? both.zh : both.en;
    document.documentElement.lang = isChinese ? 'zh-CN' : 'en';
    for (const element of document.querySelectorAll('[data-text]')) element.replaceChildren(...say(element.dataset.text));
    for (const element of document.querySelectorAll('[data-name]')) element.textContent = element.dataset[isChinese ? 'zh' : 'en'];
    switcher.lang = isChinese ? 'en' : 'zh-CN';
    switcher.textContent = isChinese ? 'English' : '中文';
    document.title = `${say('verify.title').join('')} · ${document.querySelector('[data-name]').textContent}`;
  };
  switcher.addEventListener('click', async () => {
    speak(isChinese);
    await update();
  });
  document.getElementById('print').addEventListener('click', () => print());
  document.documentElement.dataset.checks = 'done';
})();
