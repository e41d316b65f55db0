// The draft went on before one's own work was saved: what was done meanwhile, and what becomes of that work. Nothing is
// decided silently.

import { choose, show } from "./dialogs.js";
import { element } from "./elements.js";
import { listOf, stepOf } from "./entries.js";
import { say, texts, urls, who } from "./page.js";
import { Refused } from "./requests.js";

export async function settleConflict(desk, outbox, error) {
  const mine = [...outbox.entries];
  const body = [
    element("p", { words: say(mine.length ? "conflict_words" : "conflict_empty", { revision: error.revision }) }),
    element("h3", { words: say("theirs") }),
    listOf(error.since),
  ];
  if (mine.length) {
    const tried = await triedOut(desk, outbox, mine);
    body.push(element("h3", { words: say("mine", { steps: mine.length }) }), element("ul", { className: "entries", children: tried.map(stepOf) }));
  }
  const choices = mine.length
    ? [choiceOf("repeat", true), choiceOf("keep"), choiceOf("discard")]
    : [{ ...choiceOf("discard", true), ...texts.choice.look }];
  const title = say(error.since.every((entry) => entry.who === who) ? "conflict_own" : "conflict_title");
  for (;;) {
    const choice = await choose({ title, body, choices });
    try {
      return await CHOICES[choice](desk, outbox, mine);
    } catch (fault) {
      desk.tell(fault instanceof Refused ? fault.message : say("needs_network"), "refused");
    }
  }
}

// My operations in words, and which of them could be repeated; without an answer only their kinds.
async function triedOut(desk, outbox, operations) {
  try {
    return (await desk.server.write("repeat/trial", { operations }, outbox.revision)).repeated;
  } catch {
    return operations.map(({ kind }) => ({ kind, detail: "", why: null }));
  }
}

const CHOICES = {
  async repeat(desk, outbox, operations) {
    const state = await desk.server.write("repeat", { operations }, outbox.revision);
    await outbox.settle(state);
    const refused = state.repeated.filter(({ why }) => why);
    if (!refused.length) return desk.tell(say("repeated", { steps: operations.length }));
    return show(say("some_refused"), [element("ul", { className: "entries", children: refused.map(stepOf) })]);
  },
  async keep(desk, outbox, operations) {
    const state = await desk.server.write("keep", { operations, title: say("kept_title", { title: desk.state.title }) }, outbox.revision);
    await outbox.settle(desk.state);
    location.href = urls.draft.replace("0", () => state.number);
  },
  async discard(desk, outbox) {
    await outbox.settle(await desk.server.readState());
  },
};

const choiceOf = (name, primary = false) => ({ name, primary, ...texts.choice[name] });
