// Where there is no room for all tabs, the row is pushed until the current one is in its middle.

const tabs = document.querySelector(".audit-nav");
const current = tabs.querySelector("[aria-current]");
if (current) tabs.scrollLeft = current.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2;
