/** Where recordings come in: dropped, chosen, from a link, or spoken. */

import { choiceFields, field } from "./choicefields.js";
import { addressOf, nameOfAddress } from "./choices.js";
import { h } from "./dom.js";
import { messageOf } from "./errors.js";
import { counted } from "./format.js";
import { icon } from "./icons.js";
import { microphoneProblem, record } from "./recorder.js";
import { Upload } from "./uploads.js";

/** @import { Page } from "./page.js" */

export class Intake {
  #page;
  #fields;
  #files = h("input", {
    type: "file",
    multiple: true,
    hidden: true,
    "aria-label": "Files to transcribe",
    onchange: () => this.#chosen(),
  });
  #linkButton = h(
    "button",
    { "aria-expanded": "false", onclick: () => this.#toggleLink() },
    icon("link"),
    "Paste a link",
  );
  #place = h("div"); // the recorder, while there is one
  #problem = h("p", { class: "problem", role: "alert" });
  #closing = new AbortController();
  #linkForm;
  #drop;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    this.#fields = choiceFields(page.about);
    this.#linkForm = this.#makeLinkForm();
    this.#drop = this.#makeDrop();
    this.element = h(
      "section",
      { class: "card intake", "aria-labelledby": "intake" },
      h("h2", { id: "intake", class: "unseen" }, "Add recordings"),
      this.#drop,
      this.#place,
      this.#linkForm,
      this.#problem,
      this.#fields.element,
    );
  }

  /** What is being recorded is kept. */
  close() {
    this.#closing.abort();
  }

  /** @param {Iterable<File>} files */
  take(files) {
    const choices = this.#fields.value();
    this.#add([...files].map((file) => new Upload(file, file.name, choices)));
  }

  #makeDrop() {
    return h(
      "div",
      { class: "drop" },
      h("p", { class: "large" }, "Drop recordings here"),
      h("p", { class: "quiet" }, "Audio or video, one or many. Transcribing starts right away."),
      h(
        "div",
        { class: "line" },
        h("button", { class: "main", onclick: () => this.#files.click() }, icon("file"), "Choose files"),
        h("button", { onclick: () => void this.#record() }, icon("mic"), "Record"),
        this.#linkButton,
      ),
      this.#files,
    );
  }

  #makeLinkForm() {
    const address = h("input", {
      name: "address",
      inputmode: "url",
      placeholder: "https://…",
      autocomplete: "off",
    });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      const url = addressOf(address.value);
      this.#problem.textContent = url
        ? ""
        : "This is not a link to a recording: it must begin with http:// or https://.";
      if (!url) return address.focus();
      address.value = "";
      this.#toggleLink();
      this.#add([new Upload(url, nameOfAddress(url), this.#fields.value())]);
    };
    return h(
      "form",
      { class: "link-form", hidden: true, onsubmit: submit },
      field("Link to an audio or video file", address),
      h("button", { class: "main" }, "Transcribe"),
    );
  }

  #toggleLink() {
    const form = this.#linkForm;
    form.hidden = !form.hidden;
    this.#problem.textContent = "";
    this.#linkButton.setAttribute("aria-expanded", String(!form.hidden));
    if (form.hidden) this.#linkButton.focus();
    else form.querySelector("input")?.focus();
  }

  #chosen() {
    this.take(this.#files.files ?? []);
    this.#files.value = ""; // the same file may be chosen again
  }

  async #record() {
    this.#problem.textContent = microphoneProblem() ?? "";
    if (this.#problem.textContent) return;
    this.#drop.hidden = true;
    try {
      const file = await record(this.#place, this.#closing.signal);
      if (file) this.take([file]);
    } catch (error) {
      this.#problem.textContent = messageOf(error);
    }
    this.#drop.hidden = false;
  }

  /** @param {Upload[]} uploads */
  #add(uploads) {
    this.#problem.textContent = "";
    if (uploads.length === 0) return;
    this.#page.uploads.add(uploads);
    this.#page.voice.announce(`${counted(uploads.length, "recording")} added.`);
  }
}

/**
 * Takes files that are dropped anywhere on the page.
 * @param {(files: File[]) => void} take
 * @param {AbortSignal} signal  Ends it.
 */
export function takeDrops(take, signal) {
  const cover = h("div", { class: "drop-cover", hidden: true, "aria-hidden": "true" }, "Let go to transcribe");
  document.body.append(cover);
  signal.addEventListener("abort", () => cover.remove());
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  document.addEventListener(
    "dragover",
    (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      cover.hidden = false;
    },
    { signal },
  );
  document.addEventListener(
    "dragleave",
    (event) => {
      if (event.relatedTarget === null) cover.hidden = true;
    },
    { signal },
  );
  document.addEventListener(
    "drop",
    (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      cover.hidden = true;
      take(filesOf(event.dataTransfer));
    },
    { signal },
  );
}

/**
 * Folders are left out: browsers hand them over as files that cannot be read.
 * @param {DataTransfer | null} transfer
 */
function filesOf(transfer) {
  return [...(transfer?.items ?? [])]
    .filter((item) => item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory)
    .map((item) => item.getAsFile())
    .filter((file) => file !== null);
}
