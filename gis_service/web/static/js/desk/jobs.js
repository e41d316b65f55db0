// Long work on the server, watched until it ends.

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
