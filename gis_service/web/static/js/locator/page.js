// What the page tells its code, and the parts of it that the code changes.

export const island = JSON.parse(document.getElementById("find-data").textContent);
export const texts = island.texts;

// The page comes from this phone: there is no network, or hardly any.
export const isKept = document.documentElement.hasAttribute("data-kept");

const status = document.getElementById("status");

export function say(words) {
  status.textContent = words;
}

// Buttons that do nothing without this code are hidden until it runs.
export function reveal(root) {
  for (const element of root.querySelectorAll(".needs-script")) {
    if (element.id !== "map-panel") element.hidden = false;
  }
}
