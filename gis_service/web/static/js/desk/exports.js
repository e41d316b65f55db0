// What can be taken away of a draft or a plan: a file at once, or, where it takes longer, as soon as it is drawn.

import { opened } from "./dialogs.js";
import { element, write } from "./elements.js";
import { refusalOf, watch } from "./jobs.js";
import { say, texts, token, urls } from "./page.js";

export function showExports(desk) {
  const waiting = desk.outbox.entries.length;
  return opened(say("export_title"), (close) => [
    element("p", { words: say(waiting ? "export_unsaved" : desk.state.complete || desk.state.state === "approved" ? "export_words" : "export_incomplete") }),
    exportList(),
    element("div", {
      className: "dialog-actions",
      children: [element("button", { type: "button", className: "button primary", words: say("close"), onclick: () => close(null) })],
    }),
  ]);
}

// Everything that can be taken away, each with its button; of whatever the page's address of exports is.
export const exportList = () => element("ul", { className: "exports", children: texts.exports.map(itemOf) });

function itemOf({ name, title, note, long }) {
  const said = element("span", { className: "export-said", attributes: { role: "status" } });
  const button = element("button", { type: "button", className: "button small", words: say("export_take"), data: { export: name }, attributes: { "aria-label": `${say("export_take")} ${title}` } });
  button.addEventListener("click", async () => {
    button.disabled = true;
    write(said, long ? say("export_drawing") : "");
    try {
      write(said, await (long ? draw(name, said) : take(urls.export.replace("WHAT", name))));
    } catch {
      write(said, say("needs_network"));
    }
    button.disabled = false;
  });
  return element("li", { children: [element("span", { className: "export-title", children: [element("strong", { words: title }), element("small", { words: note })] }), said, button] });
}

async function draw(name, said) {
  const response = await fetch(urls.export.replace("WHAT", name), { method: "POST", headers: { "X-CSRFToken": token } });
  if (!response.ok) return refusalOf(response);
  const done = await watch(response.headers.get("Location"), { step: ({ text }) => write(said, text), away: () => write(said, say("needs_network")) });
  return done.file ? take(done.file) : done.fault ?? say("session_over");
}

// Saves a file, or returns why there is none.
async function take(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) return refusalOf(response);
  const address = URL.createObjectURL(await response.blob());
  element("a", { href: address, download: nameOf(response) }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return say("export_taken");
}

function nameOf(response) {
  const told = /filename\*=UTF-8''([^;]+)/i.exec(response.headers.get("Content-Disposition") ?? "");
  return told ? decodeURIComponent(told[1]) : "export";
}
