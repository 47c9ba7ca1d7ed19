/** Which files this browser began to send: those that never arrived are told of when the page is opened again. */

const NAME = "panglot.uploads";
const SILENCE = 90_000;

/** @typedef {{ id: string, tab: string, name: string, size: number, seen: number }} Entry */

export class UploadJournal {
  #storage;
  #tab;

  /**
   * @param {Pick<Storage, "getItem" | "setItem">} storage
   * @param {string} tab  Names this tab, also after it is loaded anew.
   */
  constructor(storage, tab) {
    this.#storage = storage;
    this.#tab = tab;
  }

  /**
   * Notes that a file is being sent; to be called again and again while it is.
   * @param {string} id
   * @param {string} name
   * @param {number} size
   * @param {number} [now]  Milliseconds.
   */
  note(id, name, size, now = Date.now()) {
    this.#write([...this.#read().filter((each) => each.id !== id), { id, tab: this.#tab, name, size, seen: now }]);
  }

  /** @param {string} id */
  drop(id) {
    this.#write(this.#read().filter((each) => each.id !== id));
  }

  /**
   * Takes out what nobody sends any longer. Asked before this tab sends anything, all of its own are left over.
   * @param {number} [now]  Milliseconds.
   */
  takeAbandoned(now = Date.now()) {
    const all = this.#read();
    const isAbandoned = (/** @type {Entry} */ each) => each.tab === this.#tab || now - each.seen > SILENCE;
    this.#write(all.filter((each) => !isAbandoned(each)));
    return all.filter(isAbandoned);
  }

  /** @returns {Entry[]} */
  #read() {
    try {
      const entries = JSON.parse(this.#storage.getItem(NAME) ?? "[]");
      return Array.isArray(entries) ? entries : [];
    } catch {
      return [];
    }
  }

  /** @param {Entry[]} entries */
  #write(entries) {
    try {
      this.#storage.setItem(NAME, JSON.stringify(entries));
    } catch {
      // A full or forbidden store costs the notice after a reload, and nothing else.
    }
  }
}
