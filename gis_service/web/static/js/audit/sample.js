// The sheets of a sample: the page tells how far they are, then fetches them.

import { followJob } from "./job_line.js";

const { jobUrl, texts } = JSON.parse(document.getElementById("page-data").textContent);
const job = await followJob(jobUrl, texts);
if (job.file) location.assign(job.file);
