/** What clicks and keys on the rows of a transcript mean. */

import { wordsOf } from "./row.js";

/** @import * as t from "../types.js" */
/** @import { ListActions } from "./list.js" */

/**
 * What a gesture is about.
 * @typedef {object} Target
 * @property {t.Segment} segment
 * @property {number} index  Of the segment.
 * @property {HTMLElement} part  Of the row: its time, its text, …
 * @property {number} word  Index of the word, -1 where it is none.
 */

/**
 * @typedef {object} Handlers
 * @property {(id: string) => { segment: t.Segment, index: number } | null} find
 * @property {boolean} editable
 * @property {(id: string) => boolean} isOpen  Whether somebody writes in a row: what happens in it is not for us.
 * @property {(id: string) => number | null} chosen  The word of a segment that is chosen.
 * @property {(segment: t.Segment, word: number) => void} onChoose
 * @property {(segment: t.Segment, word: number) => void} onMove  The same by keys: there is nothing to see for some.
 * @property {(segment: t.Segment, word: number) => void} onEdit
 * @property {ListActions} actions
 */

/**
 * @param {HTMLElement} element  The list.
 * @param {Handlers} handlers
 */
export function onGestures(element, handlers) {
  /** @param {(event: any, target: Target) => void} handle */
  const about = (handle) => (/** @type {Event} */ event) => {
    const target = targetOf(event, handlers);
    if (target !== null && !handlers.isOpen(target.segment.id)) handle(event, target);
  };
  element.addEventListener(
    "click",
    about((_, target) => click(target, handlers)),
  );
  element.addEventListener(
    "dblclick",
    about((_, target) => doubleClick(target, handlers)),
  );
  element.addEventListener(
    "keydown",
    about((event, target) => press(event, target, handlers)),
  );
}

/**
 * @param {Event} event
 * @param {Handlers} handlers
 * @returns {Target | null}
 */
function targetOf(event, { find }) {
  const element = /** @type {Element} */ (event.target);
  const row = element.closest("li");
  const part = /** @type {HTMLElement | null} */ (element.closest("[data-part]"));
  const found = find(row?.dataset["id"] ?? "");
  const word = element.closest(".word");
  if (!row || !part || !found) return null;
  return { ...found, part, word: word ? Array.prototype.indexOf.call(wordsOf(row), word) : -1 };
}

/**
 * @param {Target} target
 * @param {Handlers} handlers
 */
function click({ segment, index, part, word }, { chosen, onChoose, actions }) {
  const name = part.dataset["part"];
  if (name === "time") actions.onTime(segment, true);
  else if (name === "speaker") actions.onSpeaker(segment, part);
  else if (name === "warning") actions.onWarning(segment);
  else if (name === "more") actions.onMore(segment, part, chosen(segment.id));
  else if (word !== -1 && getSelection()?.isCollapsed !== false) {
    onChoose(segment, word);
    actions.onWord({ segment: index, word }, false);
  }
}

/**
 * @param {Target} target
 * @param {Handlers} handlers
 */
function doubleClick({ segment, part, word }, { editable, onEdit }) {
  if (editable && part.dataset["part"] === "text") onEdit(segment, Math.max(word, 0));
}

/**
 * @param {KeyboardEvent} event
 * @param {Target} target
 * @param {Handlers} handlers
 */
function press(event, { segment, index, part }, { editable, chosen, onMove, onEdit, actions }) {
  if (part.dataset["part"] !== "text" || event.ctrlKey || event.metaKey || event.altKey) return;
  const here = chosen(segment.id) ?? -1;
  const to = moves(here, segment.words.length - 1, part.dir).get(event.key);
  if (to !== undefined) onMove(segment, to);
  else if (event.key === "Enter") actions.onWord({ segment: index, word: Math.max(here, 0) }, true);
  else if (editable && (event.key === "e" || event.key === "F2")) onEdit(segment, Math.max(here, 0));
  else if (editable && event.key === "s" && here > 0) actions.onSplit(segment.id, here);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/**
 * Words that keys lead to.
 * @param {number} here
 * @param {number} last
 * @param {string} direction
 */
function moves(here, last, direction) {
  const [onwards, back] = direction === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
  return new Map([
    [onwards, Math.min(here + 1, last)],
    [back, Math.max(here - 1, 0)],
    ["Home", 0],
    ["End", last],
  ]);
}
