// Colours and fonts come from tokens.css, so that page, map and tiles agree.

const style = getComputedStyle(document.documentElement);

export const token = (name) => style.getPropertyValue(`--${name}`).trim();
