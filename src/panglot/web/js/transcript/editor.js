/** A transcript that can be changed, looked at in older versions, and taken away. */

import { fill, h } from "../dom.js";
import { confirm } from "../dialog.js";
import { messageOf } from "../errors.js";
import {
  assignNewSpeaker,
  assignSpeaker,
  editText,
  insertSegment,
  joinWithNext,
  mergeSpeakers,
  renameSpeaker,
  segmentIndex,
  settleFinding,
  splitSegment,
} from "./edits.js";
import { openExport } from "./exporting.js";
import { History } from "./history.js";
import { copy, plainText } from "./plaintext.js";
import { openMenu } from "./dialogs.js";
import { openReading } from "./reading.js";
import { Reader } from "./reader.js";
import { autosaveOf } from "./saving.js";
import { openSharing } from "./sharing.js";
import { onShortcut, openShortcuts } from "./shortcuts.js";
import { openSpeaker } from "./speakers.js";
import { openVersions } from "./versions.js";
import { boundaryNear, textOf } from "./words.js";

/** @import * as t from "../types.js" */
/** @import { MenuItem } from "./dialogs.js" */

/**
 * @typedef {object} EditorOptions
 * @property {t.TranscriptOptions} page
 * @property {import("./reader.js").Source} source  Its document is the one that is saved.
 * @property {number} revision
 * @property {{ document: t.Document, label: string } | null} change  To begin with, such as what was not saved.
 * @property {(revision: number) => void} onView  Shows another version.
 * @property {Node | null} note
 */

export class Editor {
  /** @param {EditorOptions} options */
  constructor({ page, source, revision, change, onView, note }) {
    this._page = page;
    this._source = source;
    this._onView = onView;
    this._revision = revision;
    this._change = change;
    this._history = new History(source.document);
    this._shared = source.recording.shared;
    this._save = autosaveOf(page.api, page.id, {
      saved: { revision, document: source.document },
      onState: (state, detail) => this._showSaved(state, detail),
      onConflict: (latest) => this._askWhose(latest),
    });
    this._reader = new Reader(source, {
      onSpeaker: (segment, label) => this._openSpeaker(segment, label),
      onMore: (segment, button, word) => openMenu(button, "Change the text", this._segmentMenu(segment, word)),
      onText: (id, text) => this._do("Text changed", (document) => editText(document, id, text)),
      onSplitText: (id, text, caret) => this._splitText(id, text, caret),
      onSplit: (id, word) => this._split(id, word),
      onSettle: (finding) => this._do("Place checked", (document) => settleFinding(document, finding)),
      onWrite: (finding) => this._write(finding),
      tools: {
        undo: () => this._step("undo"),
        redo: () => this._step("redo"),
        find: () => {},
        check: () => {},
        exportAs: source.home ? () => this._export() : null,
        more: () => this._menu(),
      },
      announce: page.announce,
    });
    this.element = this._reader.element;
    if (note) this._reader.note.append(note);
    this._reader.tools.showSaved("saved", "");
    this._reader.tools.showHistory(this._history);
    this._away = new AbortController();
    this._listen();
  }

  open() {
    this._reader.open(this._page.at);
    if (this._change) this._do(this._change.label, () => this._change?.document ?? this._history.document);
  }

  close() {
    this._reader.list.finishEdit();
    void this._save.flush();
    this._save.close();
    this._away.abort();
    this._reader.close();
  }

  _listen() {
    const { signal } = this._away;
    const { player, transport, checks, find } = this._reader;
    const actions = {
      toggle: () => player.toggle(),
      skip: (/** @type {number} */ seconds) => this._reader.seek(player.time + seconds),
      speed: (/** @type {1 | -1} */ step) => transport.faster(step),
      check: (/** @type {1 | -1} */ step) => checks.step(step),
      find: () => find.open(),
      undo: () => this._step("undo"),
      redo: () => this._step("redo"),
      save: () => (this._reader.list.finishEdit(), void this._save.flush()),
    };
    document.addEventListener("keydown", (event) => onShortcut(event, actions, this._reader.reading.shortcuts), {
      signal,
    });
    const leave = () => {
      if (document.visibilityState !== "hidden") return;
      this._reader.list.finishEdit(); // now it is in the draft, whatever becomes of the request
      void this._save.flush();
    };
    document.addEventListener("visibilitychange", leave, { signal });
    window.addEventListener("pagehide", () => this._reader.list.finishEdit(), { signal });
    window.addEventListener("online", () => void this._save.flush(), { signal });
  }

  /**
   * @param {string} label
   * @param {(document: t.Document) => t.Document} edit
   */
  _do(label, edit) {
    this._reader.list.finishEdit();
    if (this._source.editable && this._history.push(edit(this._history.document), label)) this._show(label);
  }

  /**
   * @param {string} label
   * @param {(document: t.Document) => t.Document} edit
   * @returns {string | null}  Id of the segment that was added.
   */
  _doAdding(label, edit) {
    this._reader.list.finishEdit();
    const known = new Set(this._history.document.segments.map(({ id }) => id));
    this._do(label, edit);
    return this._history.document.segments.find(({ id }) => !known.has(id))?.id ?? null;
  }

  /** @param {"undo" | "redo"} which */
  _step(which) {
    if (!this._source.editable) return;
    this._reader.list.finishEdit();
    const label = this._history[which]();
    if (label === null) return this._page.announce(`There is nothing to ${which}.`);
    this._show(label);
    this._page.announce(`${which === "undo" ? "Undone" : "Done again"}: ${label}`);
  }

  /** @param {string} label */
  _show(label) {
    const { document } = this._history;
    this._reader.show(document);
    this._reader.tools.showHistory(this._history);
    this._save.change(document, label);
  }

  /**
   * @param {import("./autosave.js").SaveState} state
   * @param {string} detail
   */
  _showSaved(state, detail) {
    this._revision = this._save.revision;
    this._reader.tools.showSaved(state, detail);
    if (state === "waiting" || state === "refused") this._page.announce(`Not saved. ${detail}`);
  }

  /**
   * @param {t.Segment | null} segment
   * @param {string | null} label
   */
  _openSpeaker(segment, label) {
    this._reader.list.finishEdit();
    openSpeaker(
      this._history.document,
      { label, segment },
      {
        rename: (who, name) => this._do("Speaker renamed", (document) => renameSpeaker(document, who, name)),
        merge: (from, into) => this._do("Speakers merged", (document) => mergeSpeakers(document, from, into)),
        assign: (id, who) => this._do("Speaker changed", (document) => assignSpeaker(document, id, who)),
        assignNew: (id, name) => this._do("Speaker changed", (document) => assignNewSpeaker(document, id, name)),
      },
    );
  }

  /**
   * @param {t.Segment} segment
   * @param {number | null} word
   * @returns {MenuItem[]}
   */
  _segmentMenu(segment, word) {
    const { document } = this._history;
    const before = word ? segment.words[word]?.text.trim() : undefined;
    const last = segmentIndex(document, segment.id) === document.segments.length - 1;
    return [
      { label: "Write in the text", hint: "E", run: () => this._reader.list.edit(segment.id, word ?? 0) },
      { label: "Change the speaker", run: () => this._openSpeaker(segment, segment.speaker) },
      {
        label: before ? `Split in front of “${before}”` : "Split (choose a word first)",
        hint: "S",
        disabled: !before,
        run: () => this._split(segment.id, word ?? 0),
      },
      { label: "Join with the next", disabled: last, run: () => this._join(segment) },
      { label: "Copy the text", run: () => void this._copy(textOf(segment).trim()) },
    ];
  }

  /** @returns {MenuItem[]} */
  _menu() {
    const { api, id, about } = this._page;
    const { home, editable } = this._source;
    const reading = {
      label: "How the text is shown",
      run: () => openReading(this._reader.reading, (now) => this._reader.showReading(now)),
    };
    const keys = { label: "Keyboard shortcuts", hint: "?", run: openShortcuts };
    const everything = { label: "Copy all text", run: () => void this._copy(plainText(this._history.document)) };
    if (!home) return [everything, reading, keys];
    return [
      everything,
      {
        label: "Versions",
        run: () => openVersions({ api, id, shown: this._revision, onView: (revision) => void this._view(revision) }),
      },
      ...(about?.share_links
        ? [
            {
              label: "Share",
              run: () =>
                openSharing({
                  api,
                  id,
                  shared: this._shared,
                  onChange: (shared) => (this._shared = shared),
                }),
            },
          ]
        : []),
      reading,
      keys,
      ...(editable ? [{ label: "Delete the recording", run: () => void this._delete() }] : []),
    ];
  }

  /**
   * @param {string} id
   * @param {string} text
   * @param {number} caret
   */
  _splitText(id, text, caret) {
    const added = this._doAdding("Passage split", (document) => {
      const edited = editText(document, id, text);
      return splitSegment(edited, id, boundaryNear(edited.segments[segmentIndex(edited, id)]?.words ?? [], caret));
    });
    this._reader.list.focus(added ?? id, 0);
  }

  /**
   * @param {string} id
   * @param {number} word
   */
  _split(id, word) {
    const added = this._doAdding("Passage split", (document) => splitSegment(document, id, word));
    this._reader.list.focus(added ?? id, 0);
  }

  /** @param {t.Segment} segment */
  _join(segment) {
    this._do("Passages joined", (document) => joinWithNext(document, segment.id));
    this._reader.list.focus(segment.id, segment.words.length);
  }

  /**
   * Makes a passage where nothing is written yet, and opens it.
   * @param {t.Finding} finding
   */
  _write({ start, end }) {
    const near =
      this._history.document.segments.findLast((segment) => segment.start <= start) ??
      this._history.document.segments[0];
    const language = near?.language ?? this._source.recording.languages[0] ?? "en";
    const id = this._doAdding("Passage added", (document) =>
      insertSegment(document, { start, end, text: "…", speaker: near?.speaker ?? null, language }),
    );
    if (id === null) return;
    this._reader.list.focus(id);
    this._reader.list.edit(id, 0, { all: true });
  }

  /** @param {string} text */
  async _copy(text) {
    try {
      await copy(text);
      this._page.announce("Copied");
    } catch (error) {
      this._page.announce(`Not copied. ${messageOf(error)}`);
    }
  }

  _export() {
    this._reader.list.finishEdit();
    openExport({
      api: this._page.api,
      id: this._page.id,
      revision: async () => (await this._save.flush(), this._revision),
    });
  }

  /** @param {number} revision */
  async _view(revision) {
    this._reader.list.finishEdit();
    await this._save.flush();
    this._onView(revision);
  }

  async _delete() {
    const text = "The recording, its transcript and all corrections are erased from the server. This cannot be undone.";
    if (!(await confirm({ title: `Delete ${this._source.recording.name}?`, text, yes: "Delete" }))) return;
    try {
      await this._page.api.remove(this._page.id);
      this._page.onClose();
    } catch (error) {
      this._page.announce(messageOf(error));
      fill(this._reader.note, h("p", { class: "problem", role: "alert" }, messageOf(error)));
    }
  }

  /**
   * Somebody else saved meanwhile.
   * @param {number} latest
   */
  _askWhose(latest) {
    const mine = () => (fill(this._reader.note), void this._save.keepMine(latest));
    const theirs = async () => {
      try {
        const newest = await this._page.api.document(this._page.id);
        fill(this._reader.note);
        this._save.takeTheirs(newest);
        this._history.push(newest.document, "The other version taken");
        this._reader.show(newest.document);
        this._reader.tools.showHistory(this._history);
      } catch (error) {
        this._page.announce(messageOf(error));
      }
    };
    fill(
      this._reader.note,
      h(
        "div",
        { class: "conflict", role: "alert" },
        h(
          "p",
          null,
          "Somebody else saved this transcript while you changed it. Both versions stay in the list of versions.",
        ),
        h(
          "div",
          { class: "line" },
          h("button", { type: "button", class: "main", onclick: mine }, "Go on with mine"),
          h("button", { type: "button", onclick: () => void theirs() }, "Go on with theirs"),
        ),
      ),
    );
  }
}
