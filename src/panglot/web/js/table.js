/** Tables that scroll by themselves where they are wider than the page. */

import { h } from "./dom.js";

/** @import { Child } from "./dom.js" */

/** @typedef {{ title: string, number?: boolean }} Column */

/**
 * The first column names the row.
 * @param {string} label
 * @param {Column[]} columns
 * @param {Child[][]} rows
 * @param {string} empty  What is said where there are no rows.
 */
export function table(label, columns, rows, empty) {
  if (rows.length === 0) return h("p", { class: "quiet" }, empty);
  const kind = (/** @type {number} */ index) => (columns[index]?.number ? "number" : null);
  return h(
    "div",
    { class: "scroll", role: "group", "aria-label": label, tabindex: 0 },
    h(
      "table",
      null,
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          columns.map(({ title }, index) => h("th", { scope: "col", class: kind(index) }, title)),
        ),
      ),
      h(
        "tbody",
        null,
        rows.map((cells) =>
          h(
            "tr",
            null,
            cells.map((cell, index) =>
              index === 0
                ? h("th", { scope: "row", dir: "auto" }, cell)
                : h("td", { class: kind(index), dir: "auto" }, cell),
            ),
          ),
        ),
      ),
    ),
  );
}
