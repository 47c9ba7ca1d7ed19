/** The bar in which one searches the transcript; the browser's own finds only what is on the page. */

import { h, write } from "../dom.js";
import { icon } from "../icons.js";
import { find, firstFrom } from "./search.js";

/** @import * as t from "../types.js" */
/** @import { Hit } from "./search.js" */

export class FindBar {
  /**
   * @param {object} options
   * @param {() => t.Document} options.document
   * @param {() => number} options.here  Index of the segment to search from.
   * @param {(hits: readonly Hit[], current: number) => void} options.onHits
   * @param {() => void} options.onClose
   */
  constructor({ document, here, onHits, onClose }) {
    this._document = document;
    this._here = here;
    this._onHits = onHits;
    /** @type {readonly Hit[]} */
    this._hits = [];
    this._current = -1;
    this._input = h("input", {
      type: "search",
      "aria-label": "Find in the transcript",
      placeholder: "Find in the transcript",
      autocomplete: "off",
      oninput: () => this._search(),
    });
    this._count = h("span", { class: "small quiet numbers", role: "status" });
    this.element = h(
      "div",
      { class: "find-bar", role: "search", hidden: true },
      this._input,
      this._count,
      button("Previous hit", "up", () => this._step(-1)),
      button("Next hit", "down", () => this._step(1)),
      button("Close the search", "close", () => this.close()),
    );
    this.element.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.close();
      else if (event.key === "Enter" && event.target === this._input) this._step(event.shiftKey ? -1 : 1);
      else if (event.key === "f" && (event.ctrlKey || event.metaKey)) this._input.select();
      else return;
      event.preventDefault();
    });
    this._onClose = onClose;
  }

  open() {
    this.element.hidden = false;
    this._input.focus();
    this._input.select();
    this._search();
  }

  close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this._onHits([], -1);
    this._onClose();
  }

  /** Searches the changed document. */
  refresh() {
    if (this.element.hidden) return;
    this._hits = find(this._document().segments, this._input.value);
    this._current = Math.min(this._current, this._hits.length - 1);
    this._tell();
  }

  _search() {
    this._hits = find(this._document().segments, this._input.value);
    this._current = firstFrom(this._hits, this._here());
    this._tell();
  }

  /** @param {1 | -1} step */
  _step(step) {
    if (this._hits.length === 0) return;
    this._current = (this._current + step + this._hits.length) % this._hits.length;
    this._tell();
  }

  _tell() {
    const none = this._input.value.trim() === "" ? "" : "Not found";
    write(this._count, this._hits.length === 0 ? none : `${this._current + 1} of ${this._hits.length}`);
    this._onHits(this._hits, this._current);
  }
}

/**
 * @param {string} label
 * @param {import("../icons.js").IconName} sign
 * @param {() => void} run
 */
function button(label, sign, run) {
  return h(
    "button",
    { type: "button", class: "plain icon-only", "aria-label": label, title: label, onclick: run },
    icon(sign),
  );
}
