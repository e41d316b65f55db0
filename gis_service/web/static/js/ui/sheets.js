// On a phone, legend and list are sheets that slide over the map, one at a time.

export function startSheets() {
  const tabs = [...document.querySelectorAll("[data-open]")];

  function open(id) {
    for (const tab of tabs) {
      const wanted = tab.dataset.open === id;
      tab.setAttribute("aria-expanded", String(wanted));
      document.getElementById(tab.dataset.open).classList.toggle("open", wanted);
    }
  }

  for (const tab of tabs) {
    tab.addEventListener("click", () => open(tab.getAttribute("aria-expanded") === "true" ? null : tab.dataset.open));
  }
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => {
      open(null);
      document.querySelector(`[data-open="${button.dataset.close}"]`)?.focus();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") open(null);
  });
  if (location.hash === "#list") open("list");
  return { close: () => open(null) };
}
