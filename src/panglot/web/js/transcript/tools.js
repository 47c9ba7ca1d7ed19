/** The bar over a transcript: undoing, saving, finding, checking, taking away. */

import { fill, h, set, write } from "../dom.js";
import { openMenu } from "./dialogs.js";
import { icon } from "../icons.js";

/** @import { SaveState } from "./autosave.js" */
/** @import { MenuItem } from "./dialogs.js" */

/** @type {Record<SaveState, string>} */
const SAVED = {
  saved: "Saved",
  unsaved: "Changed",
  saving: "Saving …",
  waiting: "Not saved yet, trying again",
  conflict: "Not saved",
  refused: "Not saved",
};

/**
 * @typedef {object} ToolActions
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} find
 * @property {() => void} check
 * @property {(() => void) | null} exportAs  Null where it cannot be exported.
 * @property {() => MenuItem[]} more
 */

export class Tools {
  /**
   * @param {ToolActions} actions
   * @param {boolean} editable
   */
  constructor(actions, editable) {
    this._undo = sign("Undo", "undo", actions.undo);
    this._redo = sign("Redo", "redo", actions.redo);
    this._save = h("span", { class: "small quiet save-state" });
    this._check = h("button", {
      type: "button",
      class: "plain check-button",
      hidden: true,
      title: "Next place to check (N)",
      onclick: actions.check,
    });
    const more = sign("More", "more", () => openMenu(more, "More", actions.more()));
    set(more, { "aria-haspopup": "menu", "aria-expanded": "false" });
    this.element = h(
      "div",
      { class: "tools-line" },
      ...(editable ? [this._undo, this._redo, this._save] : []),
      h("span", { class: "gap" }),
      this._check,
      sign("Find", "search", actions.find),
      actions.exportAs === null
        ? null
        : h(
            "button",
            { type: "button", class: "export", onclick: actions.exportAs },
            icon("export"),
            h("span", null, "Export"),
          ),
      more,
    );
  }

  /** @param {import("./history.js").History} history */
  showHistory({ undoable, redoable }) {
    name(this._undo, "Undo", undoable);
    name(this._redo, "Redo", redoable);
  }

  /**
   * @param {SaveState} state
   * @param {string} detail
   */
  showSaved(state, detail) {
    write(this._save, detail ? `${SAVED[state]}: ${detail}` : SAVED[state]);
    this._save.classList.toggle("problem", state === "waiting" || state === "conflict" || state === "refused");
  }

  /** @param {number} count  Of places to check. */
  showChecks(count) {
    this._check.hidden = count === 0;
    fill(this._check, icon("flag"), h("span", null, `${count} to check`));
  }
}

/**
 * @param {string} label
 * @param {import("../icons.js").IconName} which
 * @param {() => void} run
 */
function sign(label, which, run) {
  return h(
    "button",
    { type: "button", class: "plain icon-only", "aria-label": label, title: label, onclick: run },
    icon(which),
  );
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} verb
 * @param {string | null} label
 */
function name(button, verb, label) {
  const text = label ? `${verb}: ${label}` : verb;
  set(button, { "aria-label": text, title: text, "aria-disabled": label === null ? "true" : null });
}
