// Makes the form of sign-up.html better: it says what is wrong while you type, sends the form
// without leaving the page, and sends it again when the service can't take it now. Every try of
// one form has the same Idempotency-Key, so that no number of tries makes two users.

const MOST_TRIES = 6;
const PATIENCE = 30_000; // for one answer, in milliseconds
const LONGEST_WAIT = 30; // seconds

const form = document.querySelector('form');
const alertBox = document.getElementById('alert');
const statusLine = document.getElementById('status');
const countdown = document.getElementById('countdown'); // which no screen reader reads out
const fields = ['name', 'email', 'password'].map(id => document.getElementById(id));
const [nameField, emailField, passwordField] = fields;
const visited = new Set(); // fields that were left once: before that, nobody wants to hear of errors
let running = null; // the AbortController of the tries that are under way

/** What is wrong with a field, as far as a browser can tell; the service has the last word. */
function wrong(field) {
  const label = field.labels[0].textContent;
  const length = [...field.value].length;
  if (length === 0) return `${label} is missing`;
  if (field === emailField && !/^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$/.test(field.value)) {
    return `${label} must be an e-mail address we can deliver to`;
  }
  if (field === passwordField && (length < 8 || length > 128)) {
    return `${label} must have 8 to 128 characters`;
  }
  return '';
}

function show(field, error) {
  document.getElementById(`${field.id}-error`).textContent = error;
  field.setAttribute('aria-invalid', String(error !== ''));
}

/** Shows a text, and under it a link to each field that is wrong, and goes to the first of these. */
function refuse(text, errors = new Map()) {
  statusLine.textContent = '';
  countdown.textContent = '';
  const paragraph = document.createElement('p');
  paragraph.textContent = text;
  alertBox.replaceChildren(paragraph);
  for (const field of fields) show(field, errors.get(field) ?? '');
  if (errors.size > 0) {
    const list = document.createElement('ul');
    for (const [field, error] of errors) {
      visited.add(field);
      const link = document.createElement('a');
      link.href = `#${field.id}`;
      link.textContent = error;
      const item = document.createElement('li');
      item.append(link);
      list.append(item);
    }
    alertBox.append(list);
    errors.keys().next().value.focus();
  }
}

/** One try. Returns null where no answer came. */
async function send(values, cancelled) {
  const request = new AbortController();
  const abort = () => request.abort();
  const timer = setTimeout(abort, PATIENCE);
  cancelled.addEventListener('abort', abort);
  try {
    const response = await fetch('/v1/users', {
      method: 'POST',
      headers: {
        'Accept': 'application/json',
        'Content-Type': 'application/json',
        'Idempotency-Key': form.elements.key.value,
      },
      body: JSON.stringify(values),
      signal: request.signal,
    });
    return {
      status: response.status,
      retryAfter: Number(response.headers.get('Retry-After')),
      body: await response.json(),
    };
  } catch (error) {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function wait(seconds, cancelled) {
  for (let left = seconds; left > 0 && !cancelled.aborted; left--) {
    countdown.textContent = `Next try in ${left} s.`;
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
  if (!cancelled.aborted) countdown.textContent = 'Trying again…';
}

function trouble(answer) {
  const kept = 'What you typed is kept.';
  if (answer === null) return `The service can't be reached. ${kept}`;
  return answer.body.type === 'urn:lastcall:problem:stopping'
      ? `The service is stopping and takes no sign-ups. ${kept}`
      : `The service can't take your sign-up now. ${kept}`;
}

async function signUp() {
  running?.abort();
  const mine = running = new AbortController();
  const values = Object.fromEntries(fields.map(field => [field.id, field.value]));
  alertBox.replaceChildren();
  countdown.textContent = '';
  statusLine.textContent = 'Sending…';
  let said = '';
  for (let attempt = 1; ; attempt++) {
    const answer = await send(values, mine.signal);
    if (mine.signal.aborted) return;
    if (answer !== null && answer.status < 500) {
      running = null;
      finish(answer, values);
      return;
    }
    said = trouble(answer);
    if (attempt === MOST_TRIES || answer?.status === 500) break;
    if (statusLine.textContent !== said) statusLine.textContent = said;
    await wait(Math.min(answer?.retryAfter || 2 ** attempt, LONGEST_WAIT), mine.signal);
    if (mine.signal.aborted) return;
  }
  running = null;
  refuse(`${said} Press “Sign up” to try again; you will not be signed up twice.`);
}

function inWords(seconds) {
  if (seconds < 100) return `${seconds} seconds`;
  return seconds < 6000 ? `${Math.ceil(seconds / 60)} minutes` : `${Math.ceil(seconds / 3600)} hours`;
}

function finish(answer, values) {
  const problem = answer.body;
  if (answer.status === 202) {
    document.getElementById('to').textContent = problem.user.email;
    document.getElementById('sign-up').hidden = true;
    const thanks = document.getElementById('thanks');
    thanks.hidden = false;
    document.title = thanks.querySelector('h1').textContent;
    thanks.querySelector('h1').focus();
    form.reset();
  } else if (problem.type === 'urn:lastcall:problem:address-taken') {
    refuse('You are not signed up yet.',
        new Map([[emailField, 'Somebody has signed up with this address']]));
  } else if (problem.type === 'urn:lastcall:problem:invalid-fields') {
    const errors = new Map();
    for (const {pointer, detail} of problem.errors) {
      const field = document.getElementById(pointer.slice(1));
      errors.set(field, `${field.labels[0].textContent} ${detail}`);
    }
    refuse('You are not signed up yet.', errors);
  } else if (problem.type === 'urn:lastcall:problem:key-reused') {
    form.elements.key.value = Array.from(crypto.getRandomValues(new Uint8Array(16)),
        byte => byte.toString(16).padStart(2, '0')).join('');
    refuse('An earlier try of this form was accepted after all, with other values. '
        + 'Press “Sign up” only if you want to sign up once more with what is here now.');
  } else if (answer.status === 429) {
    refuse(`You are not signed up yet: ${problem.detail}. What you typed is kept. `
        + `Try again in ${inWords(answer.retryAfter)}.`);
  } else {
    refuse(`The service refuses this: ${problem.detail ?? problem.title}.`);
  }
}

form.addEventListener('submit', event => {
  event.preventDefault();
  const errors = new Map(fields.map(field => [field, wrong(field)]).filter(([, e]) => e !== ''));
  if (errors.size > 0) {
    running?.abort();
    refuse('You are not signed up yet.', errors);
  } else {
    signUp();
  }
});

for (const field of fields) {
  field.addEventListener('blur', event => {
    // Not when the button takes the focus: an error could move it away under the pointer.
    if (field.value !== '' && event.relatedTarget?.localName !== 'button') {
      visited.add(field);
      show(field, wrong(field));
    }
  });
  field.addEventListener('input', () => {
    if (visited.has(field)) show(field, wrong(field));
    if (running !== null) {
      running.abort();
      running = null;
      countdown.textContent = '';
      statusLine.textContent = 'Not sent again, because you changed it. Press “Sign up” to send it.';
    }
  });
}
