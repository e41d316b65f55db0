// Questions in a dialog: words, a few fields, and the choice. The browser keeps the focus inside and Escape cancels.

import { element } from "./elements.js";
import { say } from "./page.js";

// Resolves to the values of the fields by name, or to null where the person thought better of it. ``body``: elements below
// the words; ``refused``: why what was answered before was not done; ``blocked``: why it cannot be done at all.
export function ask({ title, words = [], body = [], fields = [], confirm, danger = false, refused = "", blocked = "" }) {
  return opened(title, (close) => {
    const inputs = fields.map((field, index) => inputOf(field, index === 0));
    const form = element("form", {
      method: "dialog",
      children: [
        ...words.map((each) => element("p", { words: each })),
        ...body,
        ...fields.map((field, index) => field.type === "radio" ? inputs[index] : element("label", { className: "field", children: [element("span", { words: field.label }), inputs[index]] })),
        (blocked || refused) && element("p", { words: blocked || refused, className: "refusal", attributes: { role: "alert" } }),
        element("div", {
          className: "dialog-actions",
          children: [
            element("button", { type: "button", className: "button", words: say("cancel"), onclick: () => close(null) }),
            element("button", { type: "submit", className: `button ${danger ? "danger" : "primary"}`, words: confirm, disabled: Boolean(blocked) }),
          ],
        }),
      ],
      onsubmit(event) {
        event.preventDefault();
        close(Object.fromEntries(fields.map(({ name }) => [name, form.elements[name].value.trim()])));
      },
    });
    return [form];
  });
}

// Resolves to the name of the choice; there is no way out without one.
export function choose({ title, body, choices }) {
  return opened(
    title,
    (close) => [
      ...body,
      element("div", {
        className: "dialog-choices",
        children: choices.map(({ name, label, note, primary }) =>
          element("button", {
            type: "button",
            className: `choice${primary ? " primary" : ""}`,
            data: { choice: name },
            children: [element("strong", { words: label }), element("span", { words: note })],
            onclick: () => close(name),
          })),
      }),
    ],
    { closable: false },
  );
}

export function show(title, body) {
  return opened(title, (close) => [
    ...body,
    element("div", {
      className: "dialog-actions",
      children: [element("button", { type: "button", className: "button primary", words: say("close"), onclick: () => close(null) })],
    }),
  ]);
}

export const isAsking = () => document.querySelector("dialog[open]") !== null;

export function opened(title, fill, { closable = true } = {}) {
  const back = document.activeElement;
  return new Promise((resolve) => {
    const heading = element("h2", { words: title, id: "dialog-title" });
    const dialog = element("dialog", { className: "dialog", attributes: { "aria-labelledby": "dialog-title" } });
    const close = (value) => {
      dialog.close();
      dialog.remove();
      back?.focus?.({ preventScroll: true });
      resolve(value);
    };
    dialog.append(heading, ...fill(close));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (closable) close(null);
    });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("input[type=text]")?.select();
  });
}

function inputOf({ name, label, type = "text", value = "", options, required = false, max, hint = "" }, first) {
  if (type === "radio") return radiosOf({ name, label, value, options });
  if (options) {
    return element("select", {
      name, autofocus: first,
      children: options.map((option) => element("option", { value: option.value, words: option.label, selected: option.value === value, disabled: Boolean(option.disabled) })),
    });
  }
  const common = { name, value, required, autofocus: first, placeholder: hint, ...(max ? { maxLength: max } : {}) };
  return type === "long" ? element("textarea", { ...common, rows: 4 }) : element("input", { ...common, type });
}

// A few options of many words, each on lines of its own.
function radiosOf({ name, label, value, options }) {
  return element("fieldset", {
    className: "radios",
    children: [
      element("legend", { words: label }),
      ...options.map((option) => element("label", {
        className: "check",
        children: [
          element("input", { type: "radio", name, value: option.value, checked: option.value === value, disabled: Boolean(option.disabled) }),
          element("span", { words: option.label }),
        ],
      })),
    ],
  });
}
