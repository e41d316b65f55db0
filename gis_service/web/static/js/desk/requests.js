// The desk's requests. Faults are told apart by what they mean for the work: only a refusal gives an operation up.

const PATIENCE_MS = 30_000;

export class Refused extends Error {}
export class Unreachable extends Error {}
export class SignedOut extends Error {}
export class Stale extends Error {
  constructor(told) {
    super(told.message);
    this.since = told.since;
    this.revision = told.revision;
  }
}

export class Server {
  // ``url`` is the draft's own address, ``token`` the page's.
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  readState() {
    return read(this.url);
  }

  readLand() {
    return read(`${this.url}/land.geojson`);
  }

  readJournal() {
    return read(`${this.url}/journal`);
  }

  readCodes() {
    return read(`${this.url}/codes`);
  }

  async readMergeable() {
    return (await read(`${this.url}/mergeable`)).drafts;
  }

  async write(path, body, revision) {
    const response = await reach(`${this.url}/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token, "If-Match": `"${revision}"` },
      body: JSON.stringify(body),
    });
    if (response.ok) return response.json();
    const told = await response.json().catch(() => ({}));
    if (response.status === 412) throw new Stale(told);
    if (told.refused || response.status === 413) throw new Refused(told.message);
    if (response.status < 500) throw new SignedOut(); // the session is over, or this page's token is of an earlier one
    throw new Unreachable(told.message);
  }
}

async function read(url) {
  const response = await reach(url, {});
  if (response.ok) return response.json();
  throw response.status < 500 ? new SignedOut() : new Unreachable();
}

async function reach(url, options) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), PATIENCE_MS);
  try {
    return await fetch(url, { credentials: "same-origin", signal: control.signal, ...options });
  } catch (error) {
    throw new Unreachable(error.message);
  } finally {
    clearTimeout(timer);
  }
}
