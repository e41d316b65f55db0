// A community's page: its grids as a table and a map that lead to each other, and the form that asks for proposals.

import { exportList } from "./exports.js";
import { gridMap } from "./grid_maps.js";
import { refusalOf } from "./jobs.js";
import { sendOnce } from "./once.js";
import { island, say, token } from "./page.js";
import { markRow, pickRows } from "./rows.js";

const element = document.querySelector(".look-map");
if (element) {
  const rows = [...document.querySelectorAll("#look-grids tbody tr")];
  const lineOf = (code) => rows.find((line) => line.dataset.code === code) ?? null;
  const shown = gridMap(element, island.outlines, { picked: choose });
  pickRows(rows, (line) => {
    choose(line.dataset.code);
    shown.zoomTo([line.dataset.code]);
  });
  function choose(code) {
    shown.choose(code);
    markRow(rows, lineOf(code));
  }
}

const papers = document.getElementById("papers");
if (papers) {
  papers.append(exportList());
  papers.open = location.hash === "#papers";
}

const form = document.getElementById("propose");
if (form) {
  const start = document.getElementById("propose-start");
  const locks = document.getElementById("propose-locks");
  const refused = document.getElementById("propose-refused");
  // Only grids of what the proposals go on from can stay as they are.
  const offer = () => {
    if (!locks) return;
    locks.hidden = locks.disabled = start.value !== locks.dataset.start;
  };
  start.addEventListener("change", offer);
  offer();

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    refused.hidden = true;
    try {
      const response = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token } });
      if (response.ok) {
        location.href = `${location.pathname.replace(/\/$/, "")}/proposals/${(await response.json()).id}`;
        return;
      }
      refused.textContent = await refusalOf(response);
    } catch {
      refused.textContent = say("needs_network");
    }
    refused.hidden = false;
    button.disabled = false;
  });
}

sendOnce(document.querySelectorAll("#begin"));

// A file is asked for only where the draft begins with one.
const origin = document.querySelector("#begin [name=origin]");
if (origin) {
  const upload = document.getElementById("upload");
  const file = upload.querySelector("input");
  const offer = () => {
    upload.hidden = upload.disabled = origin.value !== "upload";
    file.required = !upload.disabled;
  };
  // Told before it is sent: the answer to what is too large is a page without this form.
  file.addEventListener("change", () => file.setCustomValidity((file.files[0]?.size ?? 0) > Number(file.dataset.most) ? file.dataset.refusal : ""));
  origin.addEventListener("change", offer);
  window.addEventListener("pageshow", offer);
  offer();
}

// Back from another page the form works again.
window.addEventListener("pageshow", () => form?.querySelector("[type=submit]").removeAttribute("disabled"));
