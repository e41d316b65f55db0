// Operations on their way to the server: one at a time, kept in this browser until the server has them.

import { isDone, viewOf } from "./draft.js";
import { Refused, SignedOut, Stale, Unreachable } from "./requests.js";

const RETRY_MS = [2_000, 5_000, 15_000];

// ``listener`` is told: adopted(state), refused(message), stale(error), status(name, waiting).
export class Outbox {
  constructor(server, store, listener) {
    this.server = server;
    this.store = store;
    this.listener = listener;
    this.entries = [];
    this.revision = null;
    this.sending = null; // the promise of what is being sent
    this.onTheWay = 0; // operations whose request is out
    this.failures = 0;
    window.addEventListener("online", () => this.send());
  }

  // Takes the state the page begins with; what was kept from before waits to be sent.
  begin(state) {
    const kept = this.store.read();
    this.entries = kept?.entries ?? [];
    this.revision = this.entries.length ? kept.revision : state.revision;
    this.listener.adopted(state);
    if (this.entries.length) this.send();
    else this.tell("saved");
  }

  add(operation) {
    this.entries.push(operation);
    this.keep();
    this.send();
  }

  // Takes the newest operation back that the server has not been asked for; false where there is none.
  takeBack() {
    if (this.entries.length <= this.onTheWay) return false;
    this.entries.pop();
    this.keep();
    return true;
  }

  clear(state) {
    this.entries = [];
    this.halted = false;
    this.continueFrom(state);
  }

  continueFrom(state) {
    this.halted = false;
    this.revision = state.revision;
    this.keep();
    this.listener.adopted(state);
    this.send();
  }

  send() {
    this.sending ??= this.sendAll().finally(() => { this.sending = null; });
    return this.sending;
  }

  async sendAll() {
    while (this.entries.length && !this.halted) {
      this.tell("saving");
      this.onTheWay = 1;
      try {
        await this.taken(await this.server.write("steps", { action: "do", operation: this.entries[0] }, this.revision));
      } catch (error) {
        if (!(await this.settled(error))) return;
      } finally {
        this.onTheWay = 0;
      }
    }
    if (!this.halted) this.tell("saved");
  }

  // Whether the next operation may be sent after this fault.
  async settled(error) {
    if (error instanceof Refused) {
      this.entries.shift();
      this.keep();
      this.listener.refused(error.message);
      return true;
    }
    if (!(error instanceof Stale)) return this.wait(error);
    try {
      return await this.overtaken(error);
    } catch (later) {
      return this.wait(later);
    }
  }

  async taken(state) {
    this.entries.shift();
    this.onTheWay = 0;
    this.failures = 0;
    this.revision = state.revision;
    this.keep();
    await this.listener.adopted(state);
  }

  // A request may have been answered into a cut network: what was done there and is mine is not a conflict.
  async overtaken(error) {
    const state = await this.server.readState();
    const land = await this.listener.landOf(state);
    const mine = error.since.every((entry) => entry.who === this.listener.who);
    const before = this.entries.length;
    while (mine && this.entries.length && isDone(viewOf(state), this.entries[0], land)) this.entries.shift();
    if (this.entries.length < before) {
      this.revision = state.revision;
      this.keep();
      await this.listener.adopted(state);
      return true;
    }
    this.halted = true;
    this.tell("stale");
    this.listener.stale(error);
    return false;
  }

  wait(error) {
    if (error instanceof SignedOut) this.tell("signed_out");
    else if (error instanceof Unreachable) {
      this.tell("offline");
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(), RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)]);
      this.failures += 1;
    } else throw error;
    return false;
  }

  // Does what only the server can do, after everything before it; true where it was done.
  async act(path, body) {
    await this.send();
    if (this.entries.length) return null;
    this.tell("saving");
    try {
      const state = await this.server.write(path, body, this.revision);
      this.revision = state.revision;
      await this.listener.adopted(state);
      this.tell("saved");
      return state;
    } catch (error) {
      if (error instanceof Refused) {
        this.tell("saved");
        this.listener.refused(error.message);
      } else if (error instanceof Stale) {
        this.halted = true;
        this.tell("stale");
        this.listener.stale(error);
      } else if (error instanceof SignedOut) this.tell("signed_out");
      else this.tell("unreachable");
      return null;
    }
  }

  // Looks whether somebody else went on, unless own work is on its way.
  async refresh() {
    if (this.entries.length || this.sending || this.halted) return;
    try {
      const state = await this.server.readState();
      if (state.revision !== this.revision && !this.entries.length && !this.sending) this.continueFrom(state);
      else this.tell("saved");
    } catch (error) {
      if (error instanceof SignedOut) this.tell("signed_out");
      else this.tell("unreachable");
    }
  }

  keep() {
    if (this.entries.length) this.store.write({ revision: this.revision, entries: this.entries });
    else this.store.clear();
  }

  tell(status) {
    this.listener.status(status, this.entries.length);
  }
}

// Where unsent work is kept: one place a draft and person, so that colleagues at one machine do not meet.
export function browserStore(name) {
  return {
    read() {
      try {
        return JSON.parse(localStorage.getItem(name));
      } catch {
        return null;
      }
    },
    write: (value) => localStorage.setItem(name, JSON.stringify(value)),
    clear: () => localStorage.removeItem(name),
  };
}
