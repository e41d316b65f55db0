// Search by name or code; a chosen place is shown on the map.

import { fetchJson } from "../data/fetching.js";
import { searchUrl, texts } from "../data/page.js";
import { selectByCode } from "./selection.js";

const PATIENCE_MS = 250;

export function startSearch(map) {
  const form = document.getElementById("search");
  const input = document.getElementById("search-words");
  const list = document.getElementById("search-results");
  const count = document.getElementById("search-count");
  let timer = 0;
  let newest = null;

  async function search() {
    newest?.abort();
    newest = new AbortController();
    const words = input.value.trim();
    if (!words) {
      show([], "");
      return [];
    }
    try {
      const { places } = await fetchJson(searchUrl(words), { signal: newest.signal });
      show(places, words);
      return places;
    } catch (error) {
      if (error.name !== "AbortError") show([], words);
      return [];
    }
  }

  function show(places, words) {
    const none = words && !places.length;
    list.replaceChildren(...places.map(item), ...(none ? [nothing()] : []));
    list.hidden = !words;
    count.textContent = words ? (none ? texts.say.nothing : `${places.length} ${texts.say.found}`) : "";
  }

  function item(place) {
    const entry = document.createElement("li");
    const drawn = isDrawn(place);
    const about = [texts.place[place.layer] ?? texts.layer[place.layer], place.context, drawn ? null : place.code, drawn ? null : texts.say.no_shape];
    const words = [line("strong", place.name), line("span", about.filter(Boolean).join(" · "))];
    if (drawn) entry.append(button(place, words));
    else entry.append(...words);
    return entry;
  }

  function button(place, words) {
    const made = document.createElement("button");
    made.type = "button";
    made.append(...words);
    made.addEventListener("click", () => goTo(place));
    return made;
  }

  function goTo(place) {
    list.hidden = true;
    selectByCode(map, place.layer, place.code, L.latLngBounds([place.south, place.west], [place.north, place.east]));
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PATIENCE_MS);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    const places = await search();
    if (places.length === 1 && isDrawn(places[0])) goTo(places[0]);
  });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) list.hidden = true;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      list.hidden = true;
      input.focus();
      event.preventDefault(); // it closes this list and nothing behind it
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event, form);
  });
}

const isDrawn = (place) => place.west !== null;

function move(event, form) {
  const stops = [form.querySelector("input"), ...form.querySelectorAll("li button")];
  const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  stops[Math.max(0, Math.min(next, stops.length - 1))].focus();
  event.preventDefault();
}

function line(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function nothing() {
  const entry = line("li", texts.say.nothing);
  entry.className = "search-nothing";
  return entry;
}
