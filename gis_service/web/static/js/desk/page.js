// What the page tells the desk: addresses, the page's token, who is here, and every sentence the desk says.

export const island = JSON.parse(document.getElementById("page-data").textContent);

export const { number, urls, token, who, texts, ground, estateNames, others } = island;

const JOINT = /^([0-9A-Za-z][\u3400-\u9fff]|[\u3400-\u9fff][0-9A-Za-z])$/;
const space = (left, right) => (JOINT.test(left.slice(-1) + right.slice(0, 1)) ? " " : "");

// A sentence by its name, with {name} replaced by values, which a space sets apart from words of another script.
export function say(name, values = {}) {
  const words = texts.say[name];
  return words.replace(/\{(\w+)\}/g, (all, key, at) => {
    if (!(key in values)) return all;
    const value = String(values[key]);
    return space(words.slice(0, at), value) + value + space(value, words.slice(at + all.length));
  });
}

const figures = new Intl.NumberFormat("en-US"); // made once: one for each figure costs a frame
export const count = (value) => figures.format(value);
export const people = (value) => (value === null ? "–" : count(value));
