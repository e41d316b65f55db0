// One tool at a time takes the clicks on the map; while none is in hand they choose what lies there.

const buttons = new Map([...document.querySelectorAll("[data-tool]")].map((button) => [button.dataset.tool, button]));
const hint = document.getElementById("tool-hint");
let inHand = null;

// Each tool is { hint, start(close), stop(), take(latlng), takeSign(marker) }; without `takeSign` a sign is a place too.
export function startTools(map, tools) {
  const frame = map.getContainer();

  function put(name) {
    inHand?.stop();
    inHand = name ? tools[name] : null;
    for (const [each, button] of buttons) button.setAttribute("aria-pressed", String(each === name));
    frame.classList.toggle("tool-in-hand", Boolean(name));
    tell(inHand?.hint);
    inHand?.start(() => {
      put(null);
      buttons.get(name).focus();
    });
  }

  for (const [name, button] of buttons) {
    button.addEventListener("click", () => put(button.getAttribute("aria-pressed") === "true" ? null : name));
  }
  // From the keyboard the middle of the map is meant, which arrow keys move.
  frame.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === frame) taken(map.getCenter());
  });
}

// Whether the tool in hand took a click.
export function taken(latlng, marker = null) {
  if (!inHand) return false;
  tell(null);
  if (marker && inHand.takeSign) inHand.takeSign(marker);
  else inHand.take(latlng);
  return true;
}

// One line beside the buttons; nothing while there is nothing to say.
export function tell(words) {
  hint.textContent = words ?? "";
  hint.hidden = !words;
}
