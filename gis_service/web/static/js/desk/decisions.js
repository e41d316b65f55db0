// From a draft to the plan in force: hand in, send back, approve, give up; and what was done so far.

import { ask, isAsking, show } from "./dialogs.js";
import { element } from "./elements.js";
import { listOf } from "./entries.js";
import { mergeAnother } from "./merging.js";
import { others, say, texts, urls } from "./page.js";

const REMARKS_TOLD = 3;
const QUIET = ["withdraw", "recall", "revoke"]; // what is done seldom does not stand out

export function startDecisions(desk, outbox) {
  const bar = document.getElementById("desk-decisions");
  const state = document.getElementById("desk-state");
  const remarks = document.getElementById("desk-remarks");
  const reason = (more = {}) => ({ name: "reason", label: say("reason"), type: "long", max: 500, ...more });

  const questions = {
    submit: async () => {
      const open = desk.state.findings.length;
      return {
        title: say("submit_title"), confirm: texts.decision.submit,
        words: [say("submit_words"), ...(open && desk.state.complete ? [say("submit_open", { open })] : [])],
        body: desk.state.complete ? await desk.codes.changes() : [],
        fields: [reason({ hint: say("submit_hint") })], blocked: desk.state.complete ? "" : say("submit_blocked"),
      };
    },
    approve: async () => ({
      title: say("approve_title"), words: [say("approve_words"), ...remarksLeft()], confirm: texts.decision.approve,
      body: await desk.codes.changes(),
      sure: ({ effective }) => effective < desk.state.today && say("approve_past", { day: effective }),
      leave: "backdated", // what the server is told then
      fields: [{ name: "effective", label: say("effective_from"), type: "date", value: desk.state.today, required: true }, reason()],
    }),
    return: () => ({ title: say("return_title"), confirm: texts.decision.return, fields: [reason({ required: true, label: say("remarks") })] }),
    withdraw: () => ({ title: say("withdraw_title"), words: [say("withdraw_words")], confirm: texts.decision.withdraw, danger: true, fields: [reason()] }),
    recall: () => ({ title: say("recall_title"), words: [say("recall_words")], confirm: texts.decision.recall, fields: [] }),
    revoke: () => ({ title: say("revoke_title"), words: [say("revoke_words")], confirm: texts.decision.revoke, danger: true, fields: [reason({ required: true, label: say("revoke_reason") })] }),
  };

  // What is left to be said against a draft, the first of it in its own words.
  function remarksLeft() {
    const { findings } = desk.state;
    return findings.length ? [say("approve_open", { open: findings.length }), ...findings.slice(0, REMARKS_TOLD).map(({ text }) => text)] : [];
  }

  // What was typed for a decision that was not taken: it stands in the fields when it is asked for once more.
  const typed = new Map();

  async function decide(name, refused = "") {
    await outbox.send();
    const question = await questions[name]();
    if (isAsking()) return; // pressed twice
    const fields = question.fields.map((field) => ({ ...field, value: typed.get(name)?.[field.name] ?? field.value }));
    const answer = await ask({ ...question, fields, refused });
    if (!answer) return;
    typed.set(name, answer);
    const doubt = question.sure?.(answer);
    const leave = doubt ? { [question.leave]: true } : {};
    if (doubt && !await ask({ title: question.title, words: [doubt], confirm: question.confirm, danger: true })) return;
    let why = "";
    if (await outbox.act(name, { ...answer, ...leave }, (words) => { why = words; })) {
      typed.delete(name);
      if (!desk.editable) desk.select([]);
      desk.tell(say(`did_${name}`));
    } else if (why) {
      await readAgain();
      await decide(name, why);
    }
  }

  // What was refused may have been right by a state that was read long ago: its day may be over.
  async function readAgain() {
    const state = await desk.server.readState().catch(() => desk.state);
    if (state.revision === desk.state.revision) await desk.adopt(state);
  }

  async function journal() {
    try {
      const { entries } = await desk.server.readJournal();
      await show(say("journal_title"), [listOf(entries)]);
    } catch {
      desk.tell(say("needs_network"), "refused");
    }
  }

  // What was said when the draft was last handed in or sent back.
  let said = null;
  function refreshRemarks() {
    const { decision } = desk.state;
    const key = JSON.stringify(decision);
    if (key === said) return;
    said = key;
    remarks.hidden = decision === null;
    if (decision === null) return;
    const { action, reason: words, who, at } = decision;
    remarks.replaceChildren(element("strong", { words: texts.said_on[action] }), " ", element("span", { words }), " ", element("small", { words: `${who} · ${at}` }));
  }

  let told = null;
  function refresh() {
    const { may } = desk.state;
    state.textContent = texts.state[desk.state.state];
    state.className = `state state-${desk.state.state}`;
    const names = [may.revoke && "revoke", may.withdraw && "withdraw", may.recall && "recall", may.review && "return", may.review && "approve", may.submit && "submit"].filter(Boolean);
    const buttons = names.map((name, index) => element("button", {
      type: "button", words: texts.decision[name], data: { decision: name },
      className: `button small${index === names.length - 1 && !QUIET.includes(name) ? " primary" : ""}`, onclick: () => decide(name),
    }));
    const map = desk.state.state === "approved" && element("a", { className: "button small", href: urls.map, words: say("see_map") });
    const compared = element("a", { className: "button small", href: urls.compare, words: say("compare"), data: { decision: "compare" } });
    const merged = may.edit && others && element("button", { type: "button", className: "button small", words: say("merge_button"), data: { decision: "merge" }, onclick: () => mergeAnother(desk, outbox) });
    const back = may.edit && urls.parent && element("a", { className: "button small", href: urls.parent, words: say("merge_back"), data: { decision: "back" } });
    const held = bar.querySelector(":focus")?.dataset.decision;
    bar.replaceChildren(element("button", { type: "button", className: "button small", words: say("journal"), data: { decision: "journal" }, onclick: journal }), compared, ...[merged, back].filter(Boolean), ...buttons, ...(map ? [map] : []));
    if (held) (bar.querySelector(`[data-decision="${held}"]`) ?? bar.firstElementChild).focus(); // what was pressed may be gone
  }

  desk.onChange((what) => {
    if (what !== "state") return;
    refreshRemarks();
    const key = JSON.stringify([desk.state.state, desk.state.may]);
    if (key === told) return;
    if (told !== null) desk.tell("", "hush"); // what was refused in one state is over with it
    refresh();
    told = key;
  });
}
