// Sends the form and puts the server's answer into the page: one list, made in one place, with and without this code.

import { keepAnswer, lastAnswer } from "./keep.js";
import { island, reveal, say, texts } from "./page.js";

const form = document.getElementById("ask");
const columns = document.querySelector(".find-columns");
const PATIENCE_MS = 15_000;
const followers = [];
let newest = null;

export const onAnswer = (follow) => followers.push(follow);

// Positions travel in the body of a POST and nowhere else. `changes` replace what stands in the form.
export async function ask(changes = {}) {
  newest?.abort();
  const asked = new AbortController();
  newest = asked;
  let late = false;
  const patience = setTimeout(() => {
    late = true;
    asked.abort();
  }, PATIENCE_MS);
  const body = new URLSearchParams(new FormData(form));
  if (changes.lon !== undefined) for (const name of ["q", "place", "accuracy"]) body.delete(name);
  if (changes.choose !== undefined) for (const name of ["lon", "lat", "accuracy", "from"]) body.delete(name);
  for (const [name, value] of Object.entries(changes)) body.set(name, value);
  say(texts.busy);
  try {
    const response = await fetch(form.action, { method: "POST", body, credentials: "same-origin", signal: asked.signal });
    if (!response.ok) {
      say(texts.failed);
      return;
    }
    show(new DOMParser().parseFromString(await response.text(), "text/html"));
    say("");
  } catch (error) {
    if (late || error.name !== "AbortError") await showLast(texts.offline, texts.offline_nothing);
  } finally {
    clearTimeout(patience);
  }
}

function show(page) {
  for (const id of ["answer", "kept"]) {
    document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
  }
  document.getElementById("words").value = page.getElementById("words").value;
  const answer = document.getElementById("answer");
  columns.classList.toggle("has-answer", Boolean(answer.querySelector(".stations")));
  reveal(answer);
  keepAnswer(answer, isPlace());
  rename();
  for (const follow of followers) follow();
  answer.focus({ preventScroll: true });
  answer.scrollIntoView({ block: "start" });
}

// A list of a place has an address that may be shared; a list of a position has none.
function rename() {
  const place = document.querySelector('#kept input[name="place"]');
  const key = place?.value.split("/").map(encodeURIComponent).join("/");
  const wanted = place ? `/find/${encodeURIComponent(island.city)}/at/${key}` : `/find/${encodeURIComponent(island.city)}`;
  if (location.pathname !== wanted) history.pushState(null, "", wanted);
}

const isPlace = () => Boolean(document.querySelector('#kept input[name="place"]'));

export async function showLast(words, nothing) {
  const last = await lastAnswer();
  if (last !== null) {
    document.getElementById("answer").replaceWith(document.adoptNode(last));
    columns.classList.add("has-answer");
  }
  say(last === null ? nothing : words);
}

export function startAsking() {
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("formaction")) return; // another size or language is another page
    event.preventDefault();
    ask();
  });
  // A list of a position has no address that a link of size or language could lead back to: it is asked for anew.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.switch");
    if (!link || !document.querySelector('#kept input[name="lon"]')) return;
    event.preventDefault();
    document.getElementById("words").value = "";
    form.action = link.href;
    form.submit();
  });
  // Buttons of the answer belong to the form too: places to choose from.
  document.addEventListener("click", (event) => {
    const choice = event.target.closest('button[name="choose"]');
    if (!choice) return;
    event.preventDefault();
    ask({ choose: choice.value });
  });
  form.addEventListener("change", (event) => {
    if (event.target.closest(".filters") && document.querySelector("#kept input")) ask();
  });
  // Back and forth between lists of places; a jump within the page stays where it is.
  let shown = location.pathname;
  onAnswer(() => { shown = location.pathname; });
  window.addEventListener("popstate", () => {
    if (location.pathname !== shown) location.reload();
  });
}
