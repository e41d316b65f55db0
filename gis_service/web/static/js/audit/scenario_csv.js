// The comparison as a table for a spreadsheet: figures as numbers, streets below one another, and what they rest on.

export function downloadCsv(told, { names, rows }) {
  const heads = [...document.querySelectorAll("#compare thead th:not(.no-print)")].map((head) => head.textContent.trim());
  const [basis, who, hash] = document.getElementById("compare").dataset.basis.split("|");
  const lines = told.map(({ id, name, figures, data_date, minutes, speed_m_per_s, who: by, at, dataset_hash }) => [
    `${id} · ${name}`, figures.sites, figures.households, figures.residents, figures.elderly, `${figures.before} → ${figures.after}`,
    figures.cost, figures.each, data_date, `${minutes} min · ${speed_m_per_s} m/s`, `${by} ${at}`, dataset_hash,
  ]);
  const table = [[...heads, basis, who, hash], ...lines, [], [document.querySelector("#compare-streets h3").textContent, ...names], ...rows.map(({ name, values }) => [name, ...values])];
  const text = table.map((fields) => fields.map(quoted).join(",")).join("\r\n");
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  Object.assign(document.createElement("a"), { href: address, download: document.getElementById("compare").dataset.file }).click();
  URL.revokeObjectURL(address);
}

// A name that a spreadsheet would take for a formula stays a text.
function quoted(value) {
  const text = value === null || value === undefined ? "" : String(value);
  const plain = typeof value === "string" && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}
