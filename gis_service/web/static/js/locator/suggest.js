// Names while one types: a list box under the field, built from text only.

import { ask } from "./ask.js";
import { island } from "./page.js";

const PATIENCE_MS = 180;

export function startSuggestions() {
  const input = document.getElementById("words");
  const list = document.getElementById("suggestions");
  let timer = 0;
  let newest = null;
  let places = [];
  let chosen = -1;

  async function look() {
    newest?.abort();
    newest = new AbortController();
    const words = input.value.trim();
    if (!words) return show([]);
    const address = new URL(island.places, location.href);
    address.searchParams.set("q", words);
    try {
      const response = await fetch(address, { signal: newest.signal, credentials: "same-origin" });
      if (response.ok) show((await response.json()).places);
    } catch (error) {
      if (error.name !== "AbortError") show([]);
    }
    return undefined;
  }

  function show(found) {
    places = found;
    chosen = -1;
    list.replaceChildren(...found.map(option));
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  function option(place, number) {
    const item = document.createElement("li");
    item.id = `suggestion-${number}`;
    item.role = "option";
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.append(line("strong", place.name), line("span", [place.kind_name, place.community, place.address].filter(Boolean).join(" · ")));
    item.addEventListener("mousedown", (event) => event.preventDefault());
    item.addEventListener("click", () => take(place));
    return item;
  }

  function take(place) {
    newest?.abort();
    input.value = place.name;
    show([]);
    ask({ choose: place.key });
  }

  function move(step) {
    chosen = (chosen + step + places.length + 1) % (places.length + 1);
    if (chosen === places.length) chosen = step > 0 ? 0 : places.length - 1;
    for (const [number, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(number === chosen));
    input.setAttribute("aria-activedescendant", `suggestion-${chosen}`);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  }

  input.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(look, PATIENCE_MS);
  });
  input.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PATIENCE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      take(places[chosen]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      show([]);
    }
  });
  input.form.addEventListener("submit", () => {
    clearTimeout(timer);
    newest?.abort();
    show([]);
  });
  input.addEventListener("blur", () => show([]));
}

function line(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
