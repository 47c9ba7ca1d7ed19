/** What the page says by itself: to screen readers, or to everybody in a line at the bottom. */

import { h } from "./dom.js";

const SHOWN = 6000;

export class Voice {
  #region = h("div", { class: "unseen", "aria-live": "polite" });
  #notice = h("div", { class: "notice", hidden: true, dir: "auto" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Element} parent */
  constructor(parent) {
    parent.append(this.#region, this.#notice);
  }

  /**
   * Says something to screen readers alone.
   * @param {string} text
   */
  announce(text) {
    this.#region.replaceChildren(h("p", null, text)); // a new element: the same words are said again
  }

  /**
   * Says something to everybody.
   * @param {string} text
   */
  notify(text) {
    this.announce(text);
    this.#notice.textContent = text;
    this.#notice.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#notice.hidden = true), SHOWN);
  }
}
