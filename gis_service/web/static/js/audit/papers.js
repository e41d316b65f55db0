// What is taken to the meeting is drawn by a job for who is signed in: the page tells how far it is, then fetches it.

import { followJob } from "./job_line.js";

// Without a token nobody is signed in, and links fetch what they name at once, as they do without this code.
export function startPapers(token, texts) {
  if (!token) return;
  for (const link of document.querySelectorAll("a[data-paper]")) {
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      if (link.getAttribute("aria-disabled") === "true") return;
      link.setAttribute("aria-disabled", "true");
      await draw(link.href, token, texts).catch(() => { location.assign(link.href); });
      link.removeAttribute("aria-disabled");
    });
  }
}

async function draw(url, token, texts) {
  const asked = await fetch(url, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token } });
  if (!asked.ok) throw new Error(`${asked.status} ${url}`);
  const job = await followJob(asked.headers.get("Location"), texts);
  if (job.file) location.assign(job.file);
}
