// The overlay that names every key, from the same list the keyboard reads.

import { show } from "./dialogs.js";
import { element } from "./elements.js";
import { letters } from "./keyboard.js";
import { say, texts } from "./page.js";

export function showHelp(commands) {
  const moves = [["← ↑ → ↓", "help_move"], ["Shift + ←↑→↓", "help_extend"], ["Space", "help_space"], ["1 – 99", "help_number"]];
  const rows = [
    ...moves.map(([keys, name]) => [keys, say(name)]),
    ...commands.map(({ name, keys }) => [keys.join(" / "), texts.command[name]]),
  ];
  const box = element("input", { type: "checkbox", checked: !letters.off, onchange: () => { letters.off = !box.checked; } });
  return show(say("help_title"), [
    element("dl", {
      className: "keys",
      children: rows.map(([keys, words]) => element("div", { children: [element("dt", { children: [element("kbd", { words: keys })] }), element("dd", { words })] })),
    }),
    element("p", { words: say("help_line") }),
    element("label", { className: "check", children: [box, element("span", { words: say("letters") })] }),
  ]);
}
