/** How the page looks to this person, and which key it uses. */

import { h } from "./dom.js";
import { keep } from "./download.js";
import { messageOf } from "./errors.js";
import { prefer, preference } from "./preferences.js";

/** @import { Page } from "./page.js" */

const THEMES = [
  ["", "Like my device"],
  ["light", "Light"],
  ["dark", "Dark"],
];
const SIZES = [
  ["small", "Small"],
  ["", "Normal"],
  ["large", "Large"],
  ["larger", "Larger"],
];

/**
 * @param {HTMLElement} root
 * @param {Page} page
 * @param {{ signOut: () => void }} does
 */
export function openSettings(root, page, { signOut }) {
  root.replaceChildren(
    h(
      "div",
      { class: "stack" },
      h("h1", null, "Settings"),
      card("Appearance", choice("theme", "Colours", THEMES), choice("text", "Size of text", SIZES)),
      page.about.needs_key && keyCard(page, signOut),
      card(
        "Corrections",
        h(
          "p",
          { class: "quiet" },
          "Everything that was corrected in transcripts, with its audio, as examples from which a model can learn.",
        ),
        h(
          "div",
          { class: "line" },
          correctionsButton(page, "zip", "Download with audio"),
          correctionsButton(page, "jsonl", "Download the list"),
        ),
      ),
    ),
  );
  return { title: "Settings", close: () => undefined };
}

/**
 * @param {"theme" | "text"} name
 * @param {string} legend
 * @param {string[][]} options
 */
function choice(name, legend, options) {
  return h(
    "fieldset",
    null,
    h("legend", null, legend),
    options.map(([value = "", label]) =>
      h(
        "label",
        { class: "choice" },
        h("input", {
          type: "radio",
          name,
          value,
          checked: preference(name) === value,
          onchange: () => prefer(name, value),
        }),
        label,
      ),
    ),
  );
}

/**
 * @param {Page} page
 * @param {() => void} signOut
 */
function keyCard({ about }, signOut) {
  return card(
    "API key",
    h(
      "p",
      null,
      "This tab uses a key",
      about.project ? [" of the project ", h("strong", { dir: "auto" }, about.project)] : "",
      ". It is forgotten when the tab is closed.",
    ),
    h("div", null, h("button", { onclick: signOut }, "Forget it now, or use another")),
  );
}

/**
 * @param {Page} page
 * @param {"zip" | "jsonl"} kind
 * @param {string} label
 */
function correctionsButton({ api, voice }, kind, label) {
  const button = h(
    "button",
    {
      onclick: async () => {
        button.disabled = true;
        try {
          keep(await api.corrections(kind));
        } catch (error) {
          voice.notify(`That did not work: ${messageOf(error)}`);
        }
        button.disabled = false;
      },
    },
    label,
  );
  return button;
}

/**
 * @param {string} title
 * @param {...import("./dom.js").Child} children
 */
function card(title, ...children) {
  return h("section", { class: "card stack" }, h("h2", null, title), children);
}
