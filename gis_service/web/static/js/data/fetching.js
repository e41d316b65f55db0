// Answers from our own origin; anything but a success is an error.

export async function fetchJson(url, options = {}) {
  const response = await fetch(url, { credentials: "same-origin", ...options });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response.json();
}
