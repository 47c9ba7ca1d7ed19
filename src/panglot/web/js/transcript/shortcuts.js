/** What single keys do. */

import { h } from "../dom.js";
import { openDialog } from "./dialogs.js";

/**
 * @typedef {object} Shortcut
 * @property {string[]} keys  As people read them.
 * @property {string} does
 */

/** @type {{ title: string, shortcuts: Shortcut[] }[]} */
const GROUPS = [
  {
    title: "Listening",
    shortcuts: [
      { keys: ["Space", "K"], does: "Play or pause" },
      { keys: ["J", "←"], does: "5 seconds back" },
      { keys: ["L", "→"], does: "5 seconds on" },
      { keys: ["<", ">"], does: "Slower, faster" },
      { keys: ["N", "P"], does: "Next place to check, the one before" },
    ],
  },
  {
    title: "In a text (go there with Tab or a click)",
    shortcuts: [
      { keys: ["←", "→"], does: "Choose a word" },
      { keys: ["Enter"], does: "Play from this word" },
      { keys: ["E", "Double click"], does: "Write in the text" },
      { keys: ["S"], does: "Split in front of this word" },
    ],
  },
  {
    title: "While writing",
    shortcuts: [
      { keys: ["Enter"], does: "Done" },
      { keys: ["Ctrl+Enter"], does: "Split here" },
      { keys: ["Esc"], does: "Leave it as it was" },
      { keys: ["Ctrl+Space"], does: "Play or pause" },
    ],
  },
  {
    title: "Everywhere",
    shortcuts: [
      { keys: ["Ctrl+F"], does: "Find in the transcript" },
      { keys: ["Ctrl+Z"], does: "Undo" },
      { keys: ["Shift+Ctrl+Z"], does: "Redo" },
      { keys: ["Ctrl+S"], does: "Save now" },
      { keys: ["?"], does: "This list" },
    ],
  },
];

export function openShortcuts() {
  openDialog("Keyboard shortcuts", () =>
    GROUPS.map(({ title, shortcuts }) =>
      h(
        "section",
        null,
        h("h3", null, title),
        h(
          "dl",
          { class: "shortcuts" },
          ...shortcuts.flatMap(({ keys, does }) => [
            h(
              "dt",
              null,
              ...keys.flatMap((key, index) => (index === 0 ? [h("kbd", null, key)] : [" ", h("kbd", null, key)])),
            ),
            h("dd", null, does),
          ]),
        ),
      ),
    ),
  );
}

/**
 * @typedef {object} ShortcutActions
 * @property {() => void} toggle
 * @property {(seconds: number) => void} skip
 * @property {(step: 1 | -1) => void} speed
 * @property {(step: 1 | -1) => void} check
 * @property {() => void} find
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} save
 */

/**
 * Does what a key stands for.
 * @param {KeyboardEvent} event
 * @param {ShortcutActions} actions
 * @param {boolean} single  Whether single keys count.
 */
export function onShortcut(event, actions, single) {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const run = event.ctrlKey || event.metaKey ? commandOf(event, actions) : single ? keyOf(event, actions) : null;
  if (run === null) return;
  event.preventDefault();
  run();
}

/**
 * @param {KeyboardEvent} event
 * @param {ShortcutActions} actions
 * @returns {(() => void) | null}
 */
function commandOf(event, actions) {
  const key = event.key.toLowerCase();
  if (key === "f" && !event.shiftKey) return actions.find;
  if (key === "s" && !event.shiftKey) return actions.save;
  if (isWritten(event)) return null; // fields undo their own writing
  if (key === "z") return event.shiftKey ? actions.redo : actions.undo;
  return key === "y" ? actions.redo : null;
}

/**
 * @param {KeyboardEvent} event
 * @param {ShortcutActions} actions
 * @returns {(() => void) | null}
 */
function keyOf(event, actions) {
  if (isWritten(event)) return null;
  const control = /** @type {Element} */ (event.target).closest("button, a, select, summary, [role=slider]") !== null;
  switch (event.key) {
    case " ":
      return control ? null : actions.toggle;
    case "ArrowLeft":
      return control ? null : () => actions.skip(-5);
    case "ArrowRight":
      return control ? null : () => actions.skip(5);
    case "<":
      return () => actions.speed(-1);
    case ">":
      return () => actions.speed(1);
    case "?":
      return openShortcuts;
  }
  switch (event.key.toLowerCase()) {
    case "k":
      return actions.toggle;
    case "j":
      return () => actions.skip(-5);
    case "l":
      return () => actions.skip(5);
    case "n":
      return () => actions.check(1);
    case "p":
      return () => actions.check(-1);
  }
  return null;
}

/** @param {KeyboardEvent} event */
function isWritten(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  return target.isContentEditable || target.closest("input, textarea") !== null;
}
