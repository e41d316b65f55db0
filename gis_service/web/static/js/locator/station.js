// A station's own page: a link to share, and a copy for times without a network.

import { keepPage } from "./keep.js";
import { startSharing } from "./share.js";

const status = document.getElementById("status");
if (document.documentElement.hasAttribute("data-kept")) status.textContent = status.dataset.offline;
const button = document.querySelector("[data-share]");
button.hidden = false;
startSharing((words) => { status.textContent = words; }, button.dataset.copied);
window.addEventListener("load", () => setTimeout(() => keepPage().catch(() => {}), 0)); // no room on the phone is no fault
