// Unsent work in this browser: one place a draft and person, so that colleagues at one machine do not meet, and in it one
// of each open page, so that two windows on one draft never write over each other's.

const ANSWER_MS = 250; // other pages are given to say that they are there

// A store for the outbox. Pages that are gone leave their work to the next that opens.
export function keptWork(name) {
  const own = `${name}/${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
  const heard = new Set();
  channel?.addEventListener("message", ({ data }) => {
    if (data.asks) channel.postMessage({ here: own });
    else heard.add(data.here);
  });

  async function pagesThere() {
    channel?.postMessage({ asks: own });
    await new Promise((resolve) => { setTimeout(resolve, ANSWER_MS); });
    return heard;
  }

  return {
    // What pages that are gone left: all of it, on the oldest revision of any; null where there is nothing.
    async read() {
      const others = () => keysOf(name).filter((key) => key !== own);
      if (!others().length) return null;
      const there = await pagesThere();
      const left = others().filter((key) => !there.has(key));
      const kept = left.map(parsed).filter(Boolean);
      if (!kept.length) return null;
      const all = { revision: Math.min(...kept.map(({ revision }) => revision)), entries: kept.flatMap(({ entries }) => entries) };
      if (this.write(all)) for (const key of left) localStorage.removeItem(key);
      return all;
    },
    // False where this browser keeps nothing.
    write(value) {
      try {
        localStorage.setItem(own, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
    clear() {
      try {
        localStorage.removeItem(own);
      } catch {
        // nothing was kept there either
      }
    },
  };
}

// By the time their pages were opened.
function keysOf(name) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${name}/`)).sort();
  } catch {
    return [];
  }
}

function parsed(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}
