// Links to share: of a place or a station, never of a position.

export function startSharing(say, copied) {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-share]");
    if (!button) return;
    const url = button.dataset.share;
    if (navigator.share) {
      await navigator.share({ url, title: document.title }).catch(() => {}); // closing the sheet is no fault
      return;
    }
    try {
      await navigator.clipboard.writeText(url);
      say(copied);
    } catch {
      say(url); // to be copied by hand, where a browser inside another program lets nobody else do it
    }
  });
}
