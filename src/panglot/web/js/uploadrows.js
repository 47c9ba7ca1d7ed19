/** Rows of what is on its way to the server, and of what did not arrive. */

import { h, set, write } from "./dom.js";
import { bytes } from "./format.js";
import { icon } from "./icons.js";

/** @import { Entry } from "./journal.js" */
/** @import { Upload, Uploads } from "./uploads.js" */

export class UploadRows {
  element = h("ul", { class: "rows", role: "list", "aria-label": "On the way to the server" });
  /** @type {Map<string, { element: HTMLElement, update: () => void }>} */
  #rows = new Map();
  #uploads;

  /** @param {Uploads} uploads */
  constructor(uploads) {
    this.#uploads = uploads;
    this.update();
  }

  update() {
    const { all, abandoned } = this.#uploads;
    const ids = new Set([...abandoned, ...all].map(({ id }) => id));
    for (const [id, row] of this.#rows) if (!ids.has(id)) (row.element.remove(), this.#rows.delete(id));
    for (const each of abandoned) if (!this.#rows.has(each.id)) this.#add(each.id, abandonedRow(each, this.#uploads));
    for (const each of all) if (!this.#rows.has(each.id)) this.#add(each.id, uploadRow(each, this.#uploads));
    for (const row of this.#rows.values()) row.update();
    this.element.hidden = ids.size === 0;
  }

  /**
   * @param {string} id
   * @param {{ element: HTMLElement, update: () => void }} row
   */
  #add(id, row) {
    this.#rows.set(id, row);
    this.element.append(row.element);
  }
}

/**
 * @param {Entry} entry
 * @param {Uploads} uploads
 */
function abandonedRow({ id, name }, uploads) {
  const text = "The page was closed before this file was sent completely. Choose it again to transcribe it.";
  const dismiss = h(
    "button",
    { class: "plain icon-only", "aria-label": `Forget ${name}`, onclick: () => uploads.forgetAbandoned(id) },
    icon("close"),
  );
  const element = h(
    "li",
    { class: "card row" },
    h("h3", { dir: "auto" }, name),
    h("div", { class: "actions" }, dismiss),
    h("p", { class: "reason wide" }, text),
  );
  return { element, update: () => undefined };
}

/**
 * @param {Upload} upload
 * @param {Uploads} uploads
 */
function uploadRow(upload, uploads) {
  const bar = h("progress", { max: 1, "aria-label": `Sending ${upload.name}` });
  const state = h("span", { class: "state" });
  const sent = h("span", { class: "quiet numbers" });
  const reason = h("p", { class: "reason wide", hidden: true, dir: "auto" });
  const again = h(
    "button",
    { class: "plain", hidden: true, onclick: () => uploads.retry(upload) },
    icon("retry"),
    "Try again",
    h("span", { class: "unseen" }, upload.name),
  );
  const cancel = h(
    "button",
    {
      class: "plain icon-only",
      "aria-label": `Cancel ${upload.name}`,
      title: "Cancel",
      onclick: () => uploads.remove(upload),
    },
    icon("close"),
  );
  const element = h(
    "li",
    { class: "card row" },
    h("h3", { dir: "auto" }, upload.name),
    h("div", { class: "actions" }, again, cancel),
    h("div", { class: "wide" }, bar),
    h("p", { class: "line small wide" }, state, sent),
    reason,
  );
  const update = () => {
    write(state, stateText(upload));
    state.classList.toggle("error", upload.state === "failed");
    write(sent, upload.state === "sending" && upload.size ? `${bytes(upload.sent)} of ${bytes(upload.size)}` : "");
    set(bar, { value: upload.state === "sending" && !upload.size ? null : shareOf(upload) });
    bar.hidden = upload.state === "failed";
    again.hidden = reason.hidden = upload.state !== "failed";
    write(reason, upload.error ?? "");
  };
  return { element, update };
}

/** @param {Upload} upload */
function shareOf({ sent, size }) {
  return size ? Math.min(1, sent / size) : 0;
}

/** @param {Upload} upload */
export function stateText({ state, sent, size }) {
  if (state === "waiting") return "Waiting to be sent";
  if (state === "interrupted") return "Cannot reach the server; trying again";
  if (state === "failed") return "Was not taken";
  return sent < size || !size ? "Sending" : "Sent; waiting for the server";
}
