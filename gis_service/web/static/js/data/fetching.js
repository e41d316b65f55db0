// Answers from our own origin; anything but a success is an error.

export async function fetchJson(url, options = {}) {
  const response = await fetch(url, { credentials: "same-origin", ...options });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response.json();
}

// Where a question cannot be answered as it was put, the answer says why: it is thrown as `refusal`.
export async function postJson(url, question) {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question),
  });
  if (response.ok) return response.json();
  const refusal = response.status === 400 ? (await response.json()).message : null;
  throw Object.assign(new Error(`${response.status} ${url}`), { refusal });
}
