// What the page tells its code: addresses, texts and the parameters printed under results.

const island = JSON.parse(document.getElementById("page-data").textContent);

export const texts = island.texts;
export const parameters = island.parameters;

export const searchUrl = (words) => `${island.searchUrl}?${new URLSearchParams({ q: words })}`;

// A building's code may hold slashes; the server takes the rest of the path as it is.
export const buildingUrl = (code) =>
  island.buildingUrl.replace("CODE", () => code.split("/").map(encodeURIComponent).join("/"));
