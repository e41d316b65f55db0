// The codes that grids would have on approval: asked for when nothing is on its way, told beside the grids.

import { element } from "./elements.js";
import { UNASSIGNED } from "./draft.js";
import { say } from "./page.js";

const QUIET_MS = 600; // without a change, before they are asked for

export class Codes {
  constructor(desk, outbox) {
    Object.assign(this, { desk, outbox });
    this.told = null; // what the server last said: a revision, and the code and name of each grid
    this.asked = null; // the answer on its way, and the revision it was asked for at
    this.timer = null;
    desk.codes = this;
    desk.onChange((what) => { if (what === "state") this.askSoon(); });
  }

  // Code and name of a grid on approval; null where they are not known of what is shown.
  of(key) {
    return this.known ? this.told.grids.get(key) ?? null : null;
  }

  get known() {
    return this.told?.revision === this.desk.state.revision && !this.outbox.entries.length;
  }

  get wanted() {
    const { state, labels } = this.desk;
    return ["draft", "submitted"].includes(state.state) && !this.outbox.entries.length && !labels.includes(UNASSIGNED);
  }

  askSoon() {
    clearTimeout(this.timer);
    if (this.wanted && !this.known) this.timer = setTimeout(() => (this.desk.preview ? this.askSoon() : this.ask()), QUIET_MS);
  }

  // Resolves when they are known, or cannot be: without a connection the desk goes on without them.
  async ask() {
    clearTimeout(this.timer);
    if (!this.wanted || this.known) return;
    const { revision } = this.desk.state;
    if (this.asked?.revision !== revision) this.asked = { revision, answer: this.read() };
    await this.asked.answer;
  }

  async read() {
    const { revision, grids } = await this.desk.server.readCodes().catch(() => ({ revision: null, grids: [] }));
    this.asked = null;
    this.told = { revision, grids: new Map(grids.map((grid) => [grid.key, grid])) };
    this.desk.changed("codes");
  }

  // Grids that will be called otherwise than they are now, as a list; nothing where none is.
  async changes() {
    await this.ask();
    const { listed } = this.desk.grids();
    const renamed = listed.filter(({ key, code, label }) => {
      const final = this.of(key);
      return final && (final.code !== code || final.name !== label);
    });
    if (!renamed.length) return [];
    return [
      element("h3", { words: say("codes_title") }),
      element("ul", { className: "entries codes", attributes: { tabindex: "0" }, children: renamed.map((grid) => this.lineOf(grid)) }),
    ];
  }

  lineOf({ key, label }) {
    const { code, name } = this.of(key);
    return element("li", { children: [element("strong", { words: label }), element("span", { words: name === label ? code : say("becomes", { name, code }) })] });
  }
}
