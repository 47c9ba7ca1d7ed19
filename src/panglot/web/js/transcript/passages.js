/** Passages that are split, joined, or added; the focus goes along. */

import { editText, insertSegment, joinWithNext, segmentIndex, settleFinding, splitSegment } from "./edits.js";
import { boundaryNear } from "./words.js";

/** @import * as t from "../types.js" */
/** @import { Changes } from "./changes.js" */
/** @import { TranscriptList } from "./list.js" */

export class Passages {
  /**
   * @param {Changes} changes
   * @param {TranscriptList} list
   */
  constructor(changes, list) {
    this._changes = changes;
    this._list = list;
  }

  /**
   * @param {string} id
   * @param {number} word  That the second part begins with.
   */
  split(id, word) {
    this._focus(id, (document) => splitSegment(document, id, word));
  }

  /**
   * Splits a text that somebody writes in.
   * @param {string} id
   * @param {string} text
   * @param {number} caret  Character that the second part begins with.
   */
  splitText(id, text, caret) {
    this._focus(id, (document) => {
      const edited = editText(document, id, text);
      const words = edited.segments[segmentIndex(edited, id)]?.words ?? [];
      return splitSegment(edited, id, boundaryNear(words, caret));
    });
  }

  /** @param {t.Segment} segment */
  joinWithNext({ id, words }) {
    this._changes.do("Passages joined", (document) => joinWithNext(document, id));
    this._list.focus(id, words.length);
  }

  /**
   * Makes a passage where nothing is written yet, and opens it; the place is no longer one to check.
   * @param {t.Finding} finding
   * @param {string} otherwise  Language where no passage tells it.
   */
  write(finding, otherwise) {
    const { start, end } = finding;
    const { segments } = this._changes.document;
    const near = segments.findLast((segment) => segment.start <= start) ?? segments[0];
    const added = { start, end, text: "…", speaker: near?.speaker ?? null, language: near?.language ?? otherwise };
    const id = this._changes.adding("Passage added", (document) =>
      settleFinding(insertSegment(document, added), finding),
    );
    if (id === null) return;
    this._list.focus(id);
    this._list.edit(id, 0, { all: true });
  }

  /**
   * @param {string} id
   * @param {(document: t.Document) => t.Document} edit
   */
  _focus(id, edit) {
    const added = this._changes.adding("Passage split", edit);
    this._list.focus(added ?? id, 0);
  }
}
