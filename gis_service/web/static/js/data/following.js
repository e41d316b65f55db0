// Questions that follow a hand: one is on its way at a time, and of those that come meanwhile only the newest is asked.

export function following(ask, told, failed) {
  let asking = false;
  let waiting = null;

  async function put(question) {
    waiting = question;
    if (asking) return;
    asking = true;
    while (waiting) {
      const next = waiting;
      waiting = null;
      try {
        const answer = await ask(next);
        if (next.live()) told(answer, next);
      } catch (error) {
        if (next.live()) failed(error);
      }
    }
    asking = false;
  }

  // What is still on its way when somebody turns to something else is not told.
  let turn = 0;
  return {
    put(question) {
      const asked = turn;
      return put({ ...question, live: () => asked === turn });
    },
    drop() {
      turn += 1;
      waiting = null;
    },
  };
}
