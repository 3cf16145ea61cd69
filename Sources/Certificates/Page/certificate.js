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
  const titles = {
    log: '检查点的日志签名 log signature', quorum: '见证签名与法定数 cosignatures and quorum',
    inclusion: '记录在日志之中 the record is in the log', header: '区块头 block header', roster: '名册中的签发者 issuer in the roster',
    signature: '签发者的签名 issuer\'s signature', 'as-of': '截至区块 as of block', names: '名册中的名称 names in the roster',
    rows: '截至该区块的全部记录 all records as of the block', chain: '流转记录逐条相接 custody rows follow each other',
    state: '当前状态与账本状态一致 the present state is the ledger\'s', visible: '可见文字与证明一致 visible text is as proven',
  };
  // What a check is called: that of proof 3 begins with its number.
  const titleOf = (name) => {
    const [, number, part] = name.match(/^proof-([0-9]+)\.(.*)$/) || [];
    return number ? `${number} ${titles[part]}` : titles[name === 'roster' ? 'names' : name];
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
    const isMade = isAsMade(document);
    results.textContent = '';
    const certificate = { values: new Map(), rows: [] };
    await attempt('sha-256', 'SHA-256', async () => {
      const [found, own] = [hex(await sha256(utf8.encode('abc'))), hex(Sha256.of(utf8.encode('abc')))];
      return answer(found === own && own === 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        subtle ? 'Web Crypto' : '本页自带 the page\'s own');
    });
    await attempt('page', '本页与制作时相同 the page is as it was made', async () =>
      answer(await isMade, '内容、文字与结构 content, words and structure'));
    await attempt('embedded', '内嵌的证明 embedded proofs', async () => checkCertificate(document, await readPolicy(embedded(document, 'policy')),
      certificate, (name, body) => attempt(name, titleOf(name), body)));
    const { deposit } = certificate;
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
