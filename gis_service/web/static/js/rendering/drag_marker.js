// A sign that is dragged with a pointer, or moved with the arrow keys while it has the focus.

import { SIGN_PX } from "./signs.js";

const STEP_PX = 8;
const STRIDE_PX = 48; // with the shift key
const PATIENCE_MS = 400;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function dragMarker(latlng, { sign, className, label, moved, settled }) {
  const letter = document.createElement("span");
  letter.textContent = sign;
  const badge = document.createElement("span");
  badge.className = className;
  badge.append(letter);
  const icon = L.divIcon({ html: badge, className: "sign-holder", iconSize: [SIGN_PX, SIGN_PX] });
  const marker = L.marker(latlng, { icon, riseOnHover: true, zIndexOffset: 3000, draggable: true });
  marker.on("add", () => marker.getElement().setAttribute("aria-label", label));
  letMove(marker, { moved, settled });
  return marker;
}

// Calls `moved` while a marker moves and `settled` when it rests; returns how to hold it fast again.
export function letMove(marker, { moved, settled }) {
  let timer = 0;

  function push(event) {
    const way = KEYS[event.key];
    if (!way || !marker._map) return;
    event.preventDefault();
    event.stopPropagation(); // the map stays where it is
    const map = marker._map;
    const far = event.shiftKey ? STRIDE_PX : STEP_PX;
    const place = map.latLngToContainerPoint(marker.getLatLng()).add([way[0] * far, way[1] * far]);
    marker.setLatLng(map.containerPointToLatLng(place));
    moved(marker);
    clearTimeout(timer);
    timer = setTimeout(() => settled(marker), PATIENCE_MS);
  }

  const onDrag = () => moved(marker);
  const onEnd = () => settled(marker);
  const onAdd = () => marker.getElement().addEventListener("keydown", push);
  marker.options.draggable = true; // signs that come back onto the map ask this
  marker.dragging?.enable();
  marker.on({ drag: onDrag, dragend: onEnd, add: onAdd });
  if (marker.getElement()) onAdd();
  return () => {
    clearTimeout(timer);
    marker.options.draggable = false;
    marker.dragging?.disable();
    marker.off({ drag: onDrag, dragend: onEnd, add: onAdd });
    marker.getElement()?.removeEventListener("keydown", push);
  };
}
