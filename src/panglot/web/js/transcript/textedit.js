/** Writing in the text of one segment, in its place. */

import { h } from "../dom.js";

/**
 * @typedef {object} TextEditOptions
 * @property {HTMLElement} element  The paragraph; its content is replaced.
 * @property {string} text
 * @property {string} label  For screen readers.
 * @property {number} caret  Character to stand at.
 * @property {boolean} all  Whether everything is selected.
 * @property {(text: string) => void} onDone  Also when the focus goes elsewhere.
 * @property {() => void} onCancel
 * @property {(text: string, caret: number) => void} onSplit
 * @property {() => void} onToggle  Play or pause.
 */

export class TextEdit {
  /** @param {TextEditOptions} options */
  constructor(options) {
    this._options = options;
    this._open = true;
    this._pressed = false;
    const { element, text, label, caret, all } = options;
    element.textContent = text;
    writable(element);
    element.setAttribute("role", "textbox");
    element.setAttribute("aria-multiline", "true");
    element.setAttribute("aria-label", label);
    this._hint = h(
      "p",
      { class: "edit-hint small quiet", "aria-hidden": "true" },
      "Enter: done · Ctrl+Enter: split here · Esc: leave as it was · Ctrl+Space: play or pause",
    );
    element.after(this._hint);
    element.addEventListener("keydown", this._key);
    element.addEventListener("blur", this._blur);
    element.addEventListener("paste", paste);
    window.addEventListener("pointerdown", this._press, true);
    element.focus({ preventScroll: true });
    if (all) getSelection()?.selectAllChildren(element);
    else setCaret(element, caret);
  }

  get text() {
    return this._options.element.textContent ?? "";
  }

  /** Ends it with the text as it is. */
  done() {
    if (this._end()) this._options.onDone(this.text);
  }

  /** @param {KeyboardEvent} event */
  _key = (event) => {
    event.stopPropagation();
    if (event.isComposing) return; // Enter chooses a character there
    const { element, onCancel, onSplit, onToggle } = this._options;
    const command = event.ctrlKey || event.metaKey;
    if (event.key === "Enter") {
      event.preventDefault();
      if (!command) this.done();
      else if (this._end()) onSplit(this.text, caretOf(element));
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (this._end()) onCancel();
    } else if (event.key === " " && command) {
      event.preventDefault();
      onToggle();
    }
  };

  /** @param {PointerEvent} event */
  _press = (event) => {
    this._pressed = true;
    const release = () =>
      setTimeout(() => {
        this._pressed = false;
        if (document.activeElement !== this._options.element) this.done();
      });
    window.addEventListener(event.pointerType === "touch" ? "click" : "pointerup", release, { once: true });
  };

  // What is clicked must not move away before the button is up, and another window may come in between.
  _blur = () => {
    if (document.hasFocus() && !this._pressed) this.done();
  };

  _end() {
    if (!this._open) return false;
    this._open = false;
    const { element } = this._options;
    element.removeEventListener("keydown", this._key);
    element.removeEventListener("blur", this._blur);
    element.removeEventListener("paste", paste);
    window.removeEventListener("pointerdown", this._press, true);
    this._hint.remove();
    return true;
  }
}

/** @param {HTMLElement} element */
function writable(element) {
  try {
    element.contentEditable = "plaintext-only";
  } catch {
    element.contentEditable = "true"; // older browsers; what is pasted is made plain below
  }
}

/** @param {ClipboardEvent} event */
function paste(event) {
  event.preventDefault();
  const text = event.clipboardData?.getData("text/plain").replace(/\s+/gu, " ") ?? "";
  document.execCommand("insertText", false, text); // the one way that the browser's own undo knows
}

/** @param {HTMLElement} element */
function caretOf(element) {
  const selection = getSelection();
  if (!selection?.rangeCount) return 0;
  const before = selection.getRangeAt(0).cloneRange();
  before.setStart(element, 0);
  return before.toString().length;
}

/**
 * @param {HTMLElement} element
 * @param {number} caret
 */
function setCaret(element, caret) {
  const node = element.firstChild;
  if (node) getSelection()?.collapse(node, Math.min(caret, node.textContent?.length ?? 0));
}
