// What is wrong with the draft: each finding leads to its place and offers what would cure it.

import { element, write } from "./elements.js";
import { say, texts } from "./page.js";

export function startFindings(desk, { zoomTo, cure }) {
  const list = document.getElementById("desk-findings");
  const head = document.getElementById("desk-findings-count");
  let told = null;

  function refresh() {
    const { findings, complete } = desk.state;
    const key = JSON.stringify([findings, desk.editable, desk.held]);
    if (key === told) return;
    told = key;
    const due = findings.filter((finding) => isDue(finding)).length;
    write(head, say(desk.held ? "findings_held" : wordsFor(findings, complete), { due, all: findings.length }));
    head.dataset.complete = String(complete && !desk.held);
    list.replaceChildren(...findings.map(itemOf));
  }

  function wordsFor(findings, complete) {
    if (!findings.length) return desk.editable ? "findings_none" : "findings_clean";
    return !desk.editable ? "findings_all" : complete ? "findings_open" : "findings_due";
  }

  function itemOf(finding) {
    const placed = finding.units.length > 0 || finding.grids.length > 0; // others are about the whole draft
    const badge = finding.explained ? "explained" : finding.new ? "gained" : placed ? "legacy" : null;
    const place = element("button", {
      type: "button", className: "finding-place",
      children: [
        element("span", { className: `severity severity-${isDue(finding) ? "due" : "open"}`, words: texts.severity[isDue(finding) ? "due" : "open"] }),
        element("span", { words: `${finding.text} ` }),
        element("small", { words: texts.badge[badge] ?? "" }),
      ],
      onclick: () => goTo(finding),
    });
    const mend = finding.cure && desk.editable && element("button", {
      type: "button", className: "button small cure", words: finding.cure.text, onclick: () => cure(finding.cure),
    });
    return element("li", { children: [place, mend], data: { kind: finding.kind } });
  }

  function goTo(finding) {
    const units = finding.units.map((code) => desk.land.position.get(code)).filter((unit) => unit !== undefined);
    desk.shown = new Set(units);
    if (finding.grids.length) desk.chosen = finding.grids[0];
    desk.changed("choice");
    zoomTo(units);
  }

  desk.onChange((what) => { if (what === "state") refresh(); });
}

// What keeps the draft from being handed in.
const isDue = (finding) => !finding.explained && (finding.new || finding.kind === "unit_unassigned");
