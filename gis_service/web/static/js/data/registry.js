// The layers of the map by name: each can be shown, hidden, and asked for a feature by its code.

const layers = new Map();

export const register = (name, layer) => layers.set(name, layer);
export const layerNamed = (name) => layers.get(name);
export const layerNames = () => [...layers.keys()];
