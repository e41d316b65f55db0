// The public's page works without this code; with it answers come without a new page, and there is a map.

import { showLast, startAsking } from "./ask.js";
import { startHere } from "./here.js";
import { keepAnswer, keepPage } from "./keep.js";
import { startMap } from "./map.js";
import { isKept, reveal, say, texts } from "./page.js";
import { startSharing } from "./share.js";
import { startSuggestions } from "./suggest.js";

reveal(document);
startAsking();
startHere();
startSuggestions();
startMap();
startSharing(say, texts.copied);
const answer = document.getElementById("answer");
const returned = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const instead = location.hash === "#instead" ? texts.offline_instead : ""; // another page was asked for, see sw.js
if (instead) history.replaceState(history.state, "", location.pathname); // whoever reloads asks for this one
if (!answer.querySelector(".stations")) {
  if (isKept) showLast(instead + texts.offline, instead + texts.offline_nothing);
  else if (returned) showLast(texts.returned, ""); // back from a station, where the browser does not keep pages whole
} else if (isKept) say(texts.offline);
else keepAnswer(answer, Boolean(document.querySelector('#kept input[name="place"]')));
window.addEventListener("load", () => setTimeout(() => keepPage().catch(() => {}), 0)); // no room on the phone is no fault
