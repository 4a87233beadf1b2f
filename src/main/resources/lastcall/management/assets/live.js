// Keeps the part of the page with the id "live" as the server sees it now, by asking for the page
// again whenever the server tells that a second has passed or something has changed.
const gone = document.getElementById('gone');
let last = null;
let asking = false;

async function again() {
  const live = document.getElementById('live');
  const busy = live.contains(document.activeElement)
    && /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (asking || busy || document.hidden) {
    return;
  }
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('live');
    if (answer.ok && fresh) {
      const focus = document.activeElement?.id;
      live.replaceWith(fresh);
      if (focus) {
        document.getElementById(focus)?.focus();
      }
    }
  } catch {
    // The server is gone; the event stream says so.
  } finally {
    asking = false;
  }
}

const events = new EventSource('/api/events');
events.addEventListener('status', event => {
  const status = JSON.parse(event.data);
  const other = last && last.instance.id !== status.instance.id;
  last = status;
  gone.hidden = true;
  if (other) {
    location.reload();
  } else {
    again();
  }
});
events.addEventListener('error', () => {
  if (last) {
    const how = last.stop
      ? `It was stopping, in phase "${last.stop.phase}"` + (last.stop.status === null ? '.' : `, with status ${last.stop.status}.`)
      : 'It was not stopping when it was last seen: it was killed, or the connection is lost.';
    gone.textContent = `The process is gone since ${new Date().toLocaleTimeString()}. ${how} `
      + 'The next start shows here how the stop ended.';
    gone.hidden = false;
  }
});
