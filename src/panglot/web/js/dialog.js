/** Questions that must be answered before anything else. */

import { h } from "./dom.js";

/**
 * Asks whether to do something that cannot be taken back.
 * @param {{ title: string, text: string, yes: string, no?: string }} question
 * @returns {Promise<boolean>}
 */
export function confirm({ title, text, yes, no = "Keep it" }) {
  return new Promise((resolve) => {
    const form = h(
      "form",
      { method: "dialog", class: "stack" },
      h("h2", { id: "question" }, title),
      h("p", { id: "question-text", dir: "auto" }, text),
      h(
        "div",
        { class: "line" },
        h("button", { value: "no", autofocus: true }, no),
        h("button", { value: "yes", class: "danger" }, yes),
      ),
    );
    const dialog = h("dialog", { "aria-labelledby": "question", "aria-describedby": "question-text" }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
