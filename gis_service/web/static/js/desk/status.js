// What the desk says: whether work is saved, what was just done or refused, and what the keyboard stands on.

import { element, write } from "./elements.js";
import { say, urls } from "./page.js";

const SAID_MS = 6_000;
const saved = document.getElementById("desk-saved");
const banner = document.getElementById("desk-banner");
const said = document.getElementById("desk-said");
const reading = document.getElementById("desk-reading");
let timer = null;

// ``kind`` is "done" or "refused"; a refusal stays until something else is said.
export function tell(words, kind = "done") {
  clearTimeout(timer);
  said.dataset.kind = kind;
  said.hidden = false;
  said.textContent = words;
  if (kind === "done") timer = setTimeout(hush, SAID_MS);
}

export function hush() {
  said.hidden = true;
  said.textContent = "";
}

export function tellSaved(status, waiting, revision) {
  const kept = status !== "saved" && status !== "saving" && waiting > 0;
  saved.dataset.status = kept ? "kept" : status === "saving" ? status : "saved";
  write(saved, kept ? say("kept", { steps: waiting }) : status === "saving" ? say("saving") : say("saved", { revision }));
  const away = waiting > 0 ? "offline" : "away";
  const words = { offline: away, unreachable: away, unkept: "unkept", signed_out: "signed_out" }[status];
  banner.hidden = !words;
  if (!words) return;
  banner.replaceChildren(element("span", { words: say(words, { steps: waiting }) }));
  if (status === "signed_out") banner.append(element("a", { href: urls.sign_in, className: "button small", words: say("sign_in") }));
}

// What lies under the pointer; read aloud only where the keyboard moved there.
export function tellPlace(words, { aloud = false } = {}) {
  reading.setAttribute("aria-live", aloud ? "polite" : "off");
  write(reading, words);
}
