/** Asking again and again, sparingly. */

/**
 * Calls `look` at once and then after the seconds it returns, but not while the page is hidden.
 * It is called early when the page is shown again, and after `again()`.
 */
export class Poll {
  #look;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #closed = false;
  #looking = false;
  #wanted = false;
  #onShown = () => {
    if (!document.hidden) this.again();
  };

  /** @param {() => Promise<number>} look  Returns seconds until the next time; must not throw. */
  constructor(look) {
    this.#look = look;
    document.addEventListener("visibilitychange", this.#onShown);
    this.again();
  }

  /** Looks now, or once more right after the look that is under way. */
  again() {
    clearTimeout(this.#timer);
    if (this.#looking) this.#wanted = true;
    else void this.#run();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#onShown);
  }

  async #run() {
    if (this.#closed) return;
    this.#looking = true;
    this.#wanted = false;
    const seconds = await this.#look();
    this.#looking = false;
    if (this.#closed || (document.hidden && !this.#wanted)) return;
    this.#timer = setTimeout(() => void this.#run(), this.#wanted ? 0 : seconds * 1000);
  }
}
