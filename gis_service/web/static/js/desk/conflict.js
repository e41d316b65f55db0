// Somebody else changed the draft first: what they did, and what becomes of one's own work. Nothing is decided silently.

import { choose, show } from "./dialogs.js";
import { element } from "./elements.js";
import { say, texts, urls } from "./page.js";
import { Refused } from "./requests.js";

export async function settleConflict(desk, outbox, error) {
  const mine = [...outbox.entries];
  const body = [
    element("p", { words: say(mine.length ? "conflict_words" : "conflict_empty", { revision: error.revision }) }),
    element("h3", { words: say("theirs") }),
    element("ul", { className: "entries", children: error.since.map(entryOf) }),
  ];
  if (mine.length) {
    body.push(element("h3", { words: say("mine", { steps: mine.length }) }));
    body.push(element("ul", { className: "entries", children: mine.map((operation) => element("li", { words: texts.operation[operation.kind] })) }));
  }
  const choices = mine.length
    ? [choiceOf("repeat", true), choiceOf("keep"), choiceOf("discard")]
    : [{ ...choiceOf("discard", true), ...texts.choice.look }];
  for (;;) {
    const choice = await choose({ title: say("conflict_title"), body, choices });
    try {
      return await CHOICES[choice](desk, outbox, mine);
    } catch (fault) {
      desk.tell(fault instanceof Refused ? fault.message : say("needs_network"), "refused");
    }
  }
}

const CHOICES = {
  async repeat(desk, outbox, operations) {
    const state = await desk.server.write("repeat", { operations }, outbox.revision);
    await outbox.settle(state);
    if (!state.refused.length) return desk.tell(say("repeated", { steps: operations.length }));
    return show(say("some_refused"), [
      element("ul", { className: "entries", children: state.refused.map(({ operation, why }) => element("li", { words: `${texts.operation[operation.kind]}：${why}` })) }),
    ]);
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

export const entryOf = ({ title, kind, who, at, reason, effective, revision }) =>
  element("li", {
    children: [
      element("strong", { words: kind ? texts.operation[kind] : title }),
      element("span", { words: ` ${who}` }),
      element("time", { words: new Date(at).toLocaleString(), dateTime: at }),
      element("span", { className: "faint", words: say("revision", { revision }) }),
      reason && element("p", { words: reason }),
      effective && element("p", { words: say("effective", { day: effective }) }),
    ],
  });
