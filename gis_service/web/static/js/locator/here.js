// My location: asked for on a tap only, used once.

import { ask } from "./ask.js";
import { say, texts } from "./page.js";

const PATIENCE_MS = 12_000;
const FRESH_MS = 30_000;
const DENIED = 1;

export function startHere() {
  const button = document.getElementById("locate");
  if (!("geolocation" in navigator) || !window.isSecureContext) {
    button.closest(".locate-holder").remove();
    return;
  }
  button.addEventListener("click", () => {
    button.disabled = true;
    say(texts.asking);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.disabled = false;
        ask({
          lon: coords.longitude.toFixed(6),
          lat: coords.latitude.toFixed(6),
          accuracy: String(Math.round(coords.accuracy)),
          from: "position",
        });
      },
      ({ code }) => {
        button.disabled = false;
        say(code === DENIED ? texts.denied : texts.no_position);
        document.getElementById("words").focus();
      },
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: FRESH_MS },
    );
  });
}
