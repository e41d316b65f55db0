// My location: asked for on a tap only, used once.

import { ask } from "./ask.js";
import { say, texts } from "./page.js";

const PATIENCE_MS = 12_000;
const QUESTION_MS = 20_000; // the browser's own patience begins when its question is answered, and some never say that it was put aside
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
    const settled = () => {
      clearTimeout(waiting);
      button.disabled = false;
    };
    const waiting = setTimeout(() => {
      settled();
      say(texts.no_position);
    }, QUESTION_MS);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        settled();
        ask({
          lon: coords.longitude.toFixed(6),
          lat: coords.latitude.toFixed(6),
          accuracy: String(Math.round(coords.accuracy)),
          from: "position",
        });
      },
      ({ code }) => {
        settled();
        say(code === DENIED ? texts.denied : texts.no_position);
        document.getElementById("words").focus();
      },
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: FRESH_MS },
    );
  });
}
