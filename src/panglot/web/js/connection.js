/** Whether the server answers. While it does not, a banner says so, and it is asked until it does. */

import { h } from "./dom.js";

const AGAIN = 3000;

/** Fires `back` when the server answers again. */
export class Connection extends EventTarget {
  #banner = h("div", { role: "status" });
  #probe;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #lost = false;

  /**
   * @param {Element} parent  Gets the banner.
   * @param {() => Promise<unknown>} probe  Asks the server something small.
   */
  constructor(parent, probe) {
    super();
    parent.prepend(this.#banner);
    this.#probe = probe;
  }

  /** @param {boolean} reached  Whether the server answered just now. */
  tell(reached) {
    if (reached && this.#lost) this.#restore();
    else if (!reached) this.#lose();
  }

  #lose() {
    if (!this.#lost) {
      const text = "Cannot reach the server; trying again. Nothing is lost.";
      this.#banner.replaceChildren(h("p", { class: "banner" }, text));
    }
    this.#lost = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#probe().catch(() => undefined), AGAIN);
  }

  #restore() {
    this.#lost = false;
    clearTimeout(this.#timer);
    this.#banner.replaceChildren();
    this.dispatchEvent(new Event("back"));
  }
}
