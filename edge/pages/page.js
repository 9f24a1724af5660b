'use strict';
// What the pages behind mail links do. It stands in each page as it is here, and nothing else runs there.
(() => {
  const part = (id) => document.getElementById(id);
  const page = JSON.parse(part('page').textContent);
  const form = part('form');
  const outcome = part('outcome');

  // What anybody may ask for takes no word of a mail.
  const isOpen = page.act === 'ask';
  // Read once and taken out of the address, which histories keep and people pass on.
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  history.replaceState(null, '', location.pathname);
  // Another link to the same page, opened in this one.
  addEventListener('hashchange', () => location.reload());

  const say = (words, kind, isSpent = false) => {
    outcome.textContent = words;
    outcome.className = kind;
    const again = part('again');
    if (again) again.hidden = !isSpent;
  };

  const finish = (words) => {
    form.hidden = true;
    form.reset();
    say(words, 'done');
    // The button that had the focus is gone.
    outcome.focus();
  };

  const post = async () => {
    const body = isOpen ? {} : { token };
    for (const input of form.querySelectorAll('input')) body[input.name] = input.value;
    const response = await fetch(page.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    }).catch(() => null);
    if (response === null) throw new Error('The site could not be reached. Try again in a moment.');
    if (!response.ok) throw await problemOf(response);
    return response;
  };

  /** What the server says of why nothing was done; the names of fields as the page has them. */
  const problemOf = async (response) => {
    const { errors = [], detail } = await response.json().catch(() => ({}));
    const said = errors.map((error) => error.detail ?? error.message).join(' ') || detail;
    const words = (said || 'It was not done. Try again in a moment.').replaceAll(page.field ?? /$^/g, page.label);
    return Object.assign(new Error(words), { isSpent: errors.some(({ pointer }) => pointer === '/token') });
  };

  const acts = {
    send: async () => {
      const response = await post();
      const answer = response.status === 200 ? await response.json() : {};
      finish(answer.isComplete === false ? page.halfDone : page.done);
    },
    ask: async () => {
      await post();
      finish(page.done);
    },
    download: async () => {
      const response = await post();
      const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await response.blob());
      link.download = name ?? 'data.zip';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      say(page.done, 'done');
    },
    show: async () => {
      part('code').textContent = token;
      part('shown').hidden = false;
      finish(page.done);
    },
  };

  let isBusy = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    say('One moment …', '');
    acts[page.act]()
      .catch((error) => say(error.message, 'problem', error.isSpent))
      .finally(() => {
        isBusy = false;
      });
  });

  if (token || isOpen) form.hidden = false;
  else say('This link is not whole. Copy all of it from the mail, and open it again.', 'problem', true);
})();
