// Elements from words and nothing else: what data say is never markup.

export function element(tag, { words, children = [], data = {}, attributes = {}, ...properties } = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  if (words !== undefined) made.textContent = words;
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter(Boolean));
  return made;
}

// Writes only where something changed, so that a screen reader is not told the same again.
export function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}
