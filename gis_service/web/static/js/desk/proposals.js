// Proposals of a job: how far it is, and then side by side on maps that move in step.

import { gridMap, inStep } from "./grid_maps.js";
import { watch } from "./jobs.js";
import { sendOnce } from "./once.js";
import { island, say, token, urls } from "./page.js";

const maps = [...document.querySelectorAll(".look-map")].map((element) => gridMap(element, island.versions[element.dataset.map]));
inStep(maps);
sendOnce(document.querySelectorAll(".proposal form"));

if (document.getElementById("job") && urls.job) {
  const words = document.getElementById("job-words");
  const progress = document.getElementById("job-progress");
  watch(urls.job, {
    step({ text, done, total }) {
      words.textContent = text;
      if (total) progress.value = done / total;
    },
    away: () => { words.textContent = say("needs_network"); },
  }).then(() => location.reload());
  document.getElementById("job-cancel").addEventListener("click", ({ target }) => {
    target.disabled = true;
    fetch(urls.cancel, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => { target.disabled = false; });
  });
}
