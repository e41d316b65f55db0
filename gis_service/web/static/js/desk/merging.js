// The work of another draft of the community done on this one, too: looked at first, then done in one go.

import { ask, choose, show } from "./dialogs.js";
import { element } from "./elements.js";
import { stepOf } from "./entries.js";
import { say, texts } from "./page.js";

// ``wanted``: number of the draft whose work it is; null: it is asked for.
export async function mergeAnother(desk, outbox, wanted = null) {
  const other = wanted ?? await chosenDraft(desk);
  const tried = other !== null && await outbox.act("merge/trial", { other });
  if (!tried) return;
  const possible = tried.repeated.filter(({ why }) => !why).length;
  const body = [
    element("p", { words: say(possible ? "merge_words" : "merge_nothing", { possible, steps: tried.repeated.length }) }),
    element("ul", { className: "entries", children: tried.repeated.map(stepOf) }),
  ];
  const title = say("merge_draft_title", { title: tried.other.title });
  if (!possible) {
    await show(title, body);
    return;
  }
  // What cannot be merged is left in the other draft alone: withdrawing it is not offered first then.
  const names = possible === tried.repeated.length ? ["merge_withdraw", "merge_keep", "merge_not"] : ["merge_keep", "merge_withdraw", "merge_not"];
  const choice = await choose({ title, body, choices: names.map((name, index) => ({ name, primary: !index, ...texts.choice[name] })) });
  if (choice === "merge_not") return;
  const withdraw = choice === "merge_withdraw";
  if (await outbox.act("merge", { other, revision: tried.other.revision, withdraw })) desk.tell(say("merged", { possible }));
}

// Resolves to the number of the draft, or to null.
async function chosenDraft(desk) {
  const drafts = await desk.server.readMergeable().catch(() => null);
  if (!drafts?.length) {
    desk.tell(say(drafts ? "merge_none" : "needs_network"), drafts ? "done" : "refused");
    return null;
  }
  const options = drafts.map(({ number, title, steps }) => ({ value: String(number), label: say("merge_option", { number, title, steps }) }));
  const answer = await ask({
    title: say("merge_another"), words: [say("merge_which")], confirm: say("merge_look"),
    fields: [{ name: "other", label: say("merge_from"), options, value: options[0].value }],
  });
  return answer && Number(answer.other);
}
