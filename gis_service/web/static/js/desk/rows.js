// Rows of a table that stand for grids on a map: a click leads to the place, and one row is marked.

// ``rows``: lines with a button; ``pick(line)`` is told.
export function pickRows(rows, pick) {
  for (const line of rows) line.addEventListener("click", () => pick(line));
}

export function markRow(rows, chosen) {
  for (const line of rows) {
    const is = line === chosen;
    line.classList.toggle("chosen", is);
    line.querySelector("button").setAttribute("aria-pressed", is);
  }
  chosen?.scrollIntoView({ block: "nearest" });
}
