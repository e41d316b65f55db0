// Tables whose rows are all on the page, put in another order by the heads of their columns. Heads that are links, by
// which the server puts them in order, become buttons.

const words = new Intl.Collator("zh-Hans-CN", { numeric: true });

for (const table of document.querySelectorAll("table[data-sortable]")) {
  for (const head of table.tHead.rows[0].cells) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sorter", textContent: (head.querySelector("a")?.firstChild ?? head).textContent });
    head.replaceChildren(button);
    button.addEventListener("click", () => order(table, head));
  }
}

// Figures begin with the greatest, words with the first; what is not known stands last either way.
function order(table, head) {
  const figures = head.classList.contains("number");
  const now = head.getAttribute("aria-sort");
  const down = now ? now === "ascending" : figures;
  const rows = [...table.tBodies[0].rows].map((row) => ({ row, value: valueOf(row.cells[head.cellIndex], figures) }));
  const compare = figures ? (a, b) => a - b : words.compare;
  const known = rows.filter(({ value }) => value !== null).sort((a, b) => (down ? -1 : 1) * compare(a.value, b.value));
  table.tBodies[0].append(...[...known, ...rows.filter(({ value }) => value === null)].map(({ row }) => row));
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
}

function valueOf(cell, figures) {
  const text = cell?.firstChild?.textContent.trim() ?? "";
  if (!figures) return text === "" || text === "—" ? null : text;
  const figure = Number.parseFloat(text.replaceAll(",", ""));
  return Number.isNaN(figure) ? null : figure;
}
