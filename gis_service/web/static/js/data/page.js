// What the page tells its code: addresses, texts and the parameters printed under results.

const island = JSON.parse(document.getElementById("page-data").textContent);

export const texts = island.texts;
export const parameters = island.parameters;
export const cityName = island.city;
export const { nearestUrl, whatIfUrl } = island;

export function searchUrl(words) {
  const address = new URL(island.searchUrl, location.href);
  address.searchParams.set("q", words);
  return address.href;
}

// A code may hold slashes; the server takes the rest of the path as it is.
const withCode = (address, code) => address.replace("CODE", () => code.split("/").map(encodeURIComponent).join("/"));
export const buildingUrl = (code) => withCode(island.buildingUrl, code);
export const gridUrl = (code) => withCode(island.gridUrl, code);
