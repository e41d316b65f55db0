// Long work on the server: asked for, watched until it ends, or refused.

import { say } from "./page.js";

const FIRST_MS = 400;
const MOST_MS = 3_000;

const wait = (time) => new Promise((resolve) => { setTimeout(resolve, time); });

// Resolves to the job's last state. ``step`` is told how far it is, ``away`` that the server does not answer now.
export async function watch(url, { step = () => {}, away = () => {} } = {}) {
  for (let pause = FIRST_MS; ; pause = Math.min(pause * 1.4, MOST_MS)) {
    await wait(pause);
    let state = null;
    try {
      const response = await fetch(url, { credentials: "same-origin", cache: "no-store" });
      if (response.ok) state = await response.json();
      else if (response.status < 500) return { state: "failed", fault: null }; // signed out, or forgotten
    } catch {
      // asked again
    }
    if (state === null) away();
    else if (state.state !== "waiting" && state.state !== "running") return state;
    else if (state.step) step(state.step);
  }
}

// Why a request was refused: what the server said, or, where that was no answer of the desk's, that the session is over.
export async function refusalOf(response) {
  const told = await response.json().catch(() => ({}));
  return told.message ?? say(response.status < 500 ? "session_over" : "needs_network");
}
