// On paper the map is the one on the screen, drawn smaller or larger: print.css scales it by what is noted here.

const PAPER_PX = { width: 1047, height: 529 }; // 277 mm × 140 mm, what title and legend leave of an A4 sheet

export function startPrinting() {
  const frame = document.querySelector(".map-frame");
  window.addEventListener("beforeprint", () => {
    const { clientWidth: width, clientHeight: height } = frame;
    const { style } = document.documentElement;
    style.setProperty("--map-width", `${width}px`);
    style.setProperty("--map-height", `${height}px`);
    style.setProperty("--map-scale", String(Math.min(PAPER_PX.width / width, PAPER_PX.height / height)));
  });
}
