// What was done to a draft, or would be, as entries of a list: the kind of step, the grids it concerns, and who did it.

import { element } from "./elements.js";
import { say, texts } from "./page.js";

export const listOf = (entries) => element("ol", { className: "entries", children: entries.map(entryOf) });

const entryOf = ({ action, title, kind, detail, who, at, reason, effective, revision }) =>
  element("li", {
    children: [
      element("strong", { words: kind && action !== "do" ? `${title} · ${texts.operation[kind]}` : kind ? texts.operation[kind] : title }),
      detail && element("span", { words: detail }),
      element("span", { className: "faint", words: who }),
      element("time", { words: new Date(at).toLocaleString(), dateTime: at }),
      element("span", { className: "faint", words: say("revision", { revision }) }),
      reason && element("p", { words: reason }),
      effective && element("p", { words: say("effective", { day: effective }) }),
    ],
  });

// A step that is repeated on another draft; ``why``: what stands against it.
export const stepOf = ({ kind, detail, why }) =>
  element("li", {
    children: [
      element("strong", { words: texts.operation[kind] }),
      detail && element("span", { words: detail }),
      why && element("p", { className: "refusal", words: why }),
    ],
  });
