// A line of the page that tells where long work stands; its bar moves where there is something to count.

import { watch } from "../desk/jobs.js";

// Resolves to the job's last state, which the line tells too.
export async function followJob(url, texts) {
  const line = document.getElementById("job");
  const words = document.getElementById("job-text");
  const bar = document.getElementById("job-bar");
  const step = ({ text, done, total }) => {
    words.textContent = text;
    if (total > 1) Object.assign(bar, { max: total, value: done });
    else bar.removeAttribute("value");
  };
  line.hidden = false;
  bar.hidden = false;
  words.textContent = texts.waiting;
  const job = await watch(url, { step, away: () => { words.textContent = texts.unreachable; } });
  bar.hidden = true;
  words.textContent = { done: texts.done, failed: `${texts.failed}${job.fault ?? texts.unreachable}`, cancelled: texts.cancelled }[job.state];
  return job;
}
