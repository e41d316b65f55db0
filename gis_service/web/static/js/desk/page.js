// What the page tells the desk: addresses, the page's token, who is here, and every sentence the desk says.

export const island = JSON.parse(document.getElementById("page-data").textContent);

export const { number, urls, token, who, texts, ground, estateNames } = island;

// A sentence by its name, with {name} replaced by values.
export function say(name, values = {}) {
  return texts.say[name].replace(/\{(\w+)\}/g, (all, key) => (key in values ? String(values[key]) : all));
}

const figures = new Intl.NumberFormat("en-US"); // made once: one for each figure costs a frame
export const count = (value) => figures.format(value);
export const people = (value) => (value === null ? "–" : count(value));
