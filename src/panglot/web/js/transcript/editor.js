/** A transcript that can be changed, looked at in older versions, and taken away. */

import { confirm } from "../dialog.js";
import { fill, h } from "../dom.js";
import { messageOf } from "../errors.js";
import { Changes } from "./changes.js";
import { conflictNote } from "./conflict.js";
import { openMenu } from "./dialogs.js";
import {
  assignNewSpeaker,
  assignSpeaker,
  editText,
  mergeSpeakers,
  renameSpeaker,
  segmentIndex,
  settleFinding,
} from "./edits.js";
import { openExport } from "./exporting.js";
import { passageMenu, transcriptMenu } from "./menus.js";
import { Passages } from "./passages.js";
import { copy, plainText } from "./plaintext.js";
import { openReading } from "./reading.js";
import { Reader } from "./reader.js";
import { autosaveOf } from "./saving.js";
import { openSharing } from "./sharing.js";
import { onShortcut, openShortcuts } from "./shortcuts.js";
import { openSpeaker } from "./speakers.js";
import { openVersions } from "./versions.js";
import { textOf } from "./words.js";

/** @import * as t from "../types.js" */

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
    this._shared = source.recording.shared;
    this._save = autosaveOf(page.api, page.id, {
      saved: { revision, document: source.document },
      onState: (state, detail) => this._showSaved(state, detail),
      onConflict: (latest) => this._askWhose(latest),
    });
    this._changes = new Changes(source.document, {
      editable: source.editable,
      finish: () => this._reader.list.finishEdit(),
      onChange: (label) => this._show(label),
      announce: page.announce,
    });
    this._reader = new Reader(source, this._readerActions());
    this._passages = new Passages(this._changes, this._reader.list);
    this.element = this._reader.element;
    if (note) this._reader.note.append(note);
    this._reader.tools.showSaved("saved", "");
    this._reader.tools.showHistory(this._changes.history);
    this._away = new AbortController();
    this._listen();
  }

  open() {
    this._reader.open(this._page.at);
    const change = this._change;
    if (change) this._changes.do(change.label, () => change.document);
  }

  close() {
    void this._saveNow();
    this._save.close();
    this._away.abort();
    this._reader.close();
  }

  /** @returns {import("./reader.js").ReaderActions} */
  _readerActions() {
    const changes = this._changes;
    return {
      onSpeaker: (segment, label) => this._openSpeaker(segment, label),
      onMore: (segment, button, word) => openMenu(button, "Change the text", this._passageMenu(segment, word)),
      onText: (id, text) => changes.do("Text changed", (document) => editText(document, id, text)),
      onSplitText: (id, text, caret) => this._passages.splitText(id, text, caret),
      onSplit: (id, word) => this._passages.split(id, word),
      onSettle: (finding) => changes.do("Place checked", (document) => settleFinding(document, finding)),
      onWrite: (finding) => this._passages.write(finding, this._source.recording.languages[0] ?? "en"),
      tools: {
        undo: () => changes.step("undo"),
        redo: () => changes.step("redo"),
        find: () => {},
        check: () => {},
        exportAs: this._source.home ? () => this._export() : null,
        more: () => this._menu(),
      },
      announce: this._page.announce,
    };
  }

  _listen() {
    const { signal } = this._away;
    const { player, transport, checks, find, list } = this._reader;
    const actions = {
      toggle: () => player.toggle(),
      skip: (/** @type {number} */ seconds) => this._reader.seek(player.time + seconds),
      speed: (/** @type {1 | -1} */ step) => transport.faster(step),
      check: (/** @type {1 | -1} */ step) => checks.step(step),
      find: () => find.open(),
      undo: () => this._changes.step("undo"),
      redo: () => this._changes.step("redo"),
      save: () => void this._saveNow(),
    };
    const press = (/** @type {KeyboardEvent} */ event) => onShortcut(event, actions, this._reader.reading.shortcuts);
    const leave = () => {
      if (document.visibilityState === "hidden") void this._saveNow();
    };
    document.addEventListener("keydown", press, { signal });
    document.addEventListener("visibilitychange", leave, { signal });
    window.addEventListener("pagehide", () => list.finishEdit(), { signal });
    window.addEventListener("online", () => void this._save.flush(), { signal });
  }

  /** What is being written is in the draft at once, whatever becomes of the request. */
  _saveNow() {
    this._reader.list.finishEdit();
    return this._save.flush();
  }

  /** @param {string} label  Of the change. */
  _show(label) {
    const { document, history } = this._changes;
    this._reader.show(document);
    this._reader.tools.showHistory(history);
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
    const changes = this._changes;
    openSpeaker(
      changes.document,
      { label, segment },
      {
        rename: (who, name) => changes.do("Speaker renamed", (document) => renameSpeaker(document, who, name)),
        merge: (from, into) => changes.do("Speakers merged", (document) => mergeSpeakers(document, from, into)),
        assign: (id, who) => changes.do("Speaker changed", (document) => assignSpeaker(document, id, who)),
        assignNew: (id, name) => changes.do("Speaker changed", (document) => assignNewSpeaker(document, id, name)),
      },
    );
  }

  /**
   * @param {t.Segment} segment
   * @param {number | null} word
   */
  _passageMenu(segment, word) {
    const { segments } = this._changes.document;
    const last = segmentIndex(this._changes.document, segment.id) === segments.length - 1;
    return passageMenu(segment, word, {
      write: () => this._reader.list.edit(segment.id, word ?? 0),
      speaker: () => this._openSpeaker(segment, segment.speaker),
      split: () => this._passages.split(segment.id, word ?? 0),
      join: last ? null : () => this._passages.joinWithNext(segment),
      copy: () => void this._copy(textOf(segment).trim()),
    });
  }

  _menu() {
    const { home, editable } = this._source;
    return transcriptMenu({
      copy: () => void this._copy(plainText(this._changes.document)),
      versions: home ? () => this._openVersions() : null,
      share: home && this._page.about?.share_links ? () => this._openSharing() : null,
      reading: () => openReading(this._reader.reading, (now) => this._reader.showReading(now)),
      shortcuts: openShortcuts,
      remove: home && editable ? () => void this._delete() : null,
    });
  }

  _openVersions() {
    const { api, id } = this._page;
    openVersions({ api, id, shown: this._revision, onView: (revision) => void this._view(revision) });
  }

  _openSharing() {
    const { api, id } = this._page;
    openSharing({ api, id, shared: this._shared, onChange: (shared) => (this._shared = shared) });
  }

  /** @param {string} text */
  async _copy(text) {
    try {
      await copy(text);
      this._page.notify("Copied");
    } catch (error) {
      this._page.notify(`Not copied. ${messageOf(error)}`);
    }
  }

  _export() {
    const { api, id } = this._page;
    this._reader.list.finishEdit();
    openExport({ api, id, revision: async () => (await this._save.flush(), this._revision) });
  }

  /** @param {number} revision */
  async _view(revision) {
    await this._saveNow();
    this._onView(revision);
  }

  async _delete() {
    const text = "The recording, its transcript and all corrections are erased from the server. This cannot be undone.";
    if (!(await confirm({ title: `Delete ${this._source.recording.name}?`, text, yes: "Delete" }))) return;
    try {
      await this._page.api.remove(this._page.id);
      this._page.onClose();
    } catch (error) {
      fill(this._reader.note, h("p", { class: "problem", role: "alert" }, messageOf(error)));
    }
  }

  /**
   * Somebody else saved meanwhile.
   * @param {number} latest
   */
  _askWhose(latest) {
    const { note } = this._reader;
    const onMine = () => {
      fill(note);
      void this._save.keepMine(latest);
    };
    fill(note, conflictNote({ onMine, onTheirs: () => void this._takeTheirs() }));
  }

  /** Ours is saved first, so that it is in the list of versions too; theirs is then a change like any other. */
  async _takeTheirs() {
    try {
      const { revision, document } = await this._page.api.document(this._page.id);
      fill(this._reader.note);
      await this._save.keepMine(revision);
      if (!this._save.dirty) this._changes.do("The other version taken", () => document);
    } catch (error) {
      this._page.notify(messageOf(error));
    }
  }
}
