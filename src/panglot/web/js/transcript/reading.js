/** How somebody likes to read: kept in this browser. */

import { h } from "../dom.js";
import { openDialog } from "./dialogs.js";

const NAME = "panglot.reading";

/** @typedef {{ unsure: number, shortcuts: boolean }} Reading  Words less likely than `unsure` are underlined. */

/** @type {Reading} */
const USUAL = { unsure: 0.5, shortcuts: true };

const CHOICES = [
  { value: 0, label: "Never" },
  { value: 0.3, label: "Only where it was guessed (under 30 %)" },
  { value: 0.5, label: "Where it was not sure (under 50 %)" },
  { value: 0.7, label: "Wherever there is some doubt (under 70 %)" },
];

/** @returns {Reading} */
export function readingNow() {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem(NAME) ?? "{}") };
  } catch {
    return { ...USUAL };
  }
}

/**
 * @param {Reading} reading
 * @param {(reading: Reading) => void} onChange
 */
export function openReading(reading, onChange) {
  let now = reading;
  /** @param {Partial<Reading>} change */
  const choose = (change) => {
    now = { ...now, ...change };
    try {
      localStorage.setItem(NAME, JSON.stringify(now));
    } catch {
      // It holds until the page is closed.
    }
    onChange(now);
  };
  openDialog("How the text is shown", () => [
    h(
      "fieldset",
      { class: "stack" },
      h("legend", null, "Underline words with dots"),
      ...CHOICES.map(({ value, label }) =>
        h(
          "label",
          { class: "choice" },
          h("input", {
            type: "radio",
            name: "unsure",
            checked: reading.unsure === value,
            onchange: () => choose({ unsure: value }),
          }),
          label,
        ),
      ),
    ),
    h(
      "label",
      { class: "choice" },
      h("input", {
        type: "checkbox",
        checked: reading.shortcuts,
        onchange: (/** @type {Event} */ { target }) =>
          choose({ shortcuts: /** @type {HTMLInputElement} */ (target).checked }),
      }),
      "Single keys are shortcuts, such as J and L",
    ),
  ]);
}
