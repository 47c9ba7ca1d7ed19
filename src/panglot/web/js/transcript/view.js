/** The transcript's view: opens what there is to see, to be edited or only read. */

import { fill, h } from "../dom.js";
import { ApiError, messageOf } from "../errors.js";
import { when } from "../format.js";
import { Editor } from "./editor.js";
import { beginning } from "./saving.js";

/** @import * as t from "../types.js" */

/**
 * @param {HTMLElement} root
 * @param {t.TranscriptOptions} options
 * @returns {t.OpenView}
 */
export function openTranscript(root, options) {
  const view = new TranscriptView(root, options);
  void view.open();
  return { close: () => view.close() };
}

class TranscriptView {
  /**
   * @param {HTMLElement} root
   * @param {t.TranscriptOptions} options
   */
  constructor(root, options) {
    this._root = root;
    this._options = options;
    /** @type {Editor | null} */
    this._editor = null;
    this._closed = false;
  }

  close() {
    this._closed = true;
    this._editor?.close();
  }

  async open() {
    await this._attempt(() =>
      this._options.shared === null ? this._openNewest(null) : this._openShared(this._options.shared),
    );
  }

  /** @param {string} token */
  async _openShared(token) {
    const { api } = this._options;
    const { recording, document, audio } = await api.shared(token);
    const source = {
      recording,
      document,
      editable: false,
      home: false,
      audio: async () => audio,
      waveform: (/** @type {number} */ buckets) => api.sharedWaveform(token, buckets),
    };
    this._show(
      new Editor({
        page: this._options,
        source,
        revision: recording.revision,
        change: null,
        onView: () => {},
        note: null,
      }),
    );
  }

  /** @param {number | null} restored  A version to bring back. */
  async _openNewest(restored) {
    const { api, id } = this._options;
    const [recording, { saved, draft }] = await Promise.all([api.recording(id), beginning(api, id)]);
    const older = restored === null ? null : await api.document(id, restored);
    const change = older
      ? { document: older.document, label: `Version ${restored} brought back` }
      : draft && { document: draft, label: "Changes of the last time" };
    const source = this._source(recording, saved.document, true);
    const onView = (/** @type {number} */ revision) => void this._attempt(() => this._openRevision(revision));
    this._show(new Editor({ page: this._options, source, revision: saved.revision, change, onView, note: null }));
  }

  /** @param {number} revision */
  async _openRevision(revision) {
    const { api, id } = this._options;
    const [recording, { revisions }, { document }] = await Promise.all([
      api.recording(id),
      api.revisions(id),
      api.document(id, revision),
    ]);
    if (revision === recording.revision) return this._openNewest(null);
    const saved = revisions.find(({ number }) => number === revision);
    const name =
      revision === 0
        ? "This is the original, as it was recognised."
        : `This is version ${revision}, saved ${when(saved?.created ?? "")}.`;
    const back = (/** @type {number | null} */ restored) => void this._attempt(() => this._openNewest(restored));
    const note = h(
      "div",
      { class: "looking", role: "status" },
      h("p", null, `${name} It cannot be changed.`),
      h(
        "div",
        { class: "line" },
        h("button", { type: "button", class: "main", onclick: () => back(null) }, "Back to the newest"),
        h("button", { type: "button", onclick: () => back(revision) }, "Bring this one back"),
      ),
    );
    const onView = (/** @type {number} */ other) => void this._attempt(() => this._openRevision(other));
    this._show(
      new Editor({
        page: this._options,
        source: this._source(recording, document, false),
        revision,
        change: null,
        onView,
        note,
      }),
    );
  }

  /**
   * @param {t.Recording} recording
   * @param {t.Document} document
   * @param {boolean} editable
   * @returns {import("./reader.js").Source}
   */
  _source(recording, document, editable) {
    const { api, id } = this._options;
    return {
      recording,
      document,
      editable,
      home: true,
      audio: () => audioOf(api, id),
      waveform: (buckets) => api.waveform(id, buckets),
    };
  }

  /** @param {Editor} editor */
  _show(editor) {
    if (this._closed) return editor.close();
    this._editor?.close();
    this._editor = editor;
    fill(this._root, editor.element);
    editor.open();
  }

  /** @param {() => Promise<void>} open */
  async _attempt(open) {
    if (this._editor === null) fill(this._root, h("p", { class: "quiet", role: "status" }, "Opening the transcript …"));
    try {
      await open();
    } catch (error) {
      if (!this._closed) this._fail(error, () => void this._attempt(open));
    }
  }

  /**
   * @param {unknown} error
   * @param {() => void} again
   */
  _fail(error, again) {
    this._editor?.close();
    this._editor = null;
    const gone = error instanceof ApiError && error.status === 404;
    const text = !gone
      ? messageOf(error)
      : this._options.shared === null
        ? "This transcript is not there. It may have been deleted."
        : "This link leads nowhere. It may have been withdrawn.";
    fill(
      this._root,
      h(
        "div",
        { class: "stack" },
        h("h1", null, "The transcript cannot be shown"),
        h("p", { class: "reason", role: "alert" }, text),
        h("div", { class: "line" }, h("button", { type: "button", onclick: again }, "Try again")),
      ),
    );
  }
}

/**
 * @param {import("../api.js").Api} api
 * @param {string} id
 * @returns {Promise<string | null>}  Null where the audio was not kept.
 */
async function audioOf(api, id) {
  try {
    return (await api.audioLink(id)).audio;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
