// A share in percent, written as the server writes it: what is not quite all or nothing never reads as all or nothing.

export function percentOf(share) {
  const percent = `${(100 * share).toFixed(1)}%`;
  if (percent === "100.0%" && share < 1) return ">99.9%";
  return percent === "0.0%" && share > 0 ? "<0.1%" : percent;
}
