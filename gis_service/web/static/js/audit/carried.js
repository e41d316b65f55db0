// What stands on the page is carried over the loading that asking for the best sites brings: the scenario on the map, and
// what was typed in the form.

const KEY = "gis-what-if";

// ``form`` may be null. A browser that keeps nothing goes on without it.
export function carry(page, { sites, closed }, form) {
  const typed = form ? [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token") : [];
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ page, sites, closed: [...closed], typed }));
  } catch {
    // the page begins empty then
  }
}

// Sites and closed facilities as they were, once; null where nothing was carried to this page. The form is filled.
export function carried(page, form) {
  const kept = taken();
  if (kept?.page !== page) return null;
  for (const [name, value] of form ? kept.typed : []) form.elements[name].value = value;
  return kept;
}

function taken() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
    return kept;
  } catch {
    return null;
  }
}
