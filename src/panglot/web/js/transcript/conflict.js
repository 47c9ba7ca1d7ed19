/** Somebody else saved meanwhile: whose transcript goes on? */

import { h } from "../dom.js";

const TEXT = "Somebody else saved this transcript while you changed it. Both versions stay in the list of versions.";

/**
 * @param {{ onMine: () => void, onTheirs: () => void }} answers
 */
export function conflictNote({ onMine, onTheirs }) {
  return h(
    "div",
    { class: "conflict", role: "alert" },
    h("p", null, TEXT),
    h(
      "div",
      { class: "line" },
      h("button", { type: "button", class: "main", onclick: onMine }, "Go on with mine"),
      h("button", { type: "button", onclick: onTheirs }, "Go on with theirs"),
    ),
  );
}
