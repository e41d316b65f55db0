// Operations on their way to the server: one at a time, kept in this browser until the server has them.

import { lacking, viewOf } from "./draft.js";
import { Refused, SignedOut, Stale, Unreachable } from "./requests.js";

const RETRY_MS = [2_000, 5_000, 15_000];

// ``listener`` is told: adopted(state), refused(message, operation), stale(error), unsent() where what only the server can do
// was not done, status(name, waiting).
export class Outbox {
  constructor(server, store, listener) {
    this.server = server;
    this.store = store;
    this.listener = listener;
    this.entries = [];
    this.revision = null;
    this.turn = Promise.resolve(); // requests go out one after the other
    this.working = 0; // how many wait for their turn or are in it
    this.onTheWay = 0; // operations whose request is out
    this.halted = false; // until a conflict is settled
    this.failures = 0;
    this.told = null; // the status told last
    window.addEventListener("online", () => this.send());
  }

  // Takes the state the page begins with; what was kept from before waits to be sent.
  async begin(state) {
    const kept = await this.store.read();
    this.entries = kept?.entries ?? [];
    this.revision = this.entries.length ? kept.revision : state.revision;
    await this.listener.adopted(state);
    this.send();
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
    this.tell(!this.entries.length ? "saved" : this.told === "unkept" ? "offline" : this.told);
    return true;
  }

  // After a conflict: what was kept is done, or given up in words.
  async settle(state) {
    this.entries = [];
    this.halted = false;
    await this.continueFrom(state);
  }

  async continueFrom(state) {
    this.revision = state.revision;
    this.keep();
    await this.listener.adopted(state);
    this.tell("saved");
  }

  send() {
    return this.inTurn(() => this.sendAll());
  }

  // Does what only the server can do, after everything before it; returns the state afterwards, null where it was not done.
  // ``refused`` is told the server's sentence instead of the listener.
  act(path, body, refused = this.listener.refused) {
    return this.inTurn(async () => {
      await this.sendAll();
      if (!this.entries.length && !this.halted) return this.ask(path, body, refused);
      if (this.told === "offline" || this.told === "unkept") this.listener.unsent();
      return null;
    });
  }

  // Looks whether somebody else went on, unless own work is on its way.
  async refresh() {
    if (this.entries.length || this.working || this.halted) return;
    await this.inTurn(async () => {
      try {
        const state = await this.server.readState();
        if (state.revision === this.revision || this.entries.length) this.tell("saved");
        else await this.continueFrom(state);
      } catch (error) {
        this.tell(error instanceof SignedOut ? "signed_out" : "unreachable");
      }
    });
  }

  inTurn(work) {
    this.working += 1;
    const done = this.turn.then(work).finally(() => { this.working -= 1; });
    this.turn = done.catch((error) => console.error(error));
    return done;
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

  async taken(state) {
    this.entries.shift();
    this.onTheWay = 0;
    this.failures = 0;
    this.revision = state.revision;
    this.keep();
    await this.listener.adopted(state);
  }

  // Whether the next operation may be sent after this fault.
  async settled(error) {
    if (error instanceof Refused) {
      const operation = this.entries.shift();
      this.keep();
      this.listener.refused(error.message, operation);
      return true;
    }
    if (!(error instanceof Stale)) return this.wait(error);
    try {
      return await this.overtaken(error);
    } catch (later) {
      return this.wait(later);
    }
  }

  // A request may have been answered into a cut network: what was done there and is mine is no conflict.
  async overtaken(error) {
    const state = await this.server.readState();
    const land = await this.listener.landOf(state);
    const mine = error.since.every((entry) => entry.who === this.listener.who);
    const before = this.entries.length;
    if (mine) this.entries = lacking(viewOf(state), this.entries, land);
    if (this.entries.length < before) {
      await this.continueFrom(state);
      return true;
    }
    this.halt(error);
    return false;
  }

  halt(error) {
    this.halted = true;
    this.tell("stale");
    this.listener.stale(error);
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

  async ask(path, body, refused) {
    this.tell("saving");
    try {
      const state = await this.server.write(path, body, this.revision);
      await this.continueFrom(state);
      return state;
    } catch (error) {
      if (error instanceof Refused) {
        this.tell("saved");
        refused(error.message);
      } else if (error instanceof Stale) this.halt(error);
      else if (error instanceof SignedOut) this.tell("signed_out");
      else {
        this.tell("unreachable");
        this.listener.unsent();
      }
      return null;
    }
  }

  keep() {
    if (this.entries.length) this.kept = this.store.write({ revision: this.revision, entries: this.entries });
    else this.store.clear();
  }

  tell(status) {
    const told = status === "offline" && !this.kept ? "unkept" : status;
    this.told = told;
    this.listener.status(told, this.entries.length);
  }
}
