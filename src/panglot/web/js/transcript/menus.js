/** What one can do with a passage, and with a whole transcript. */

/** @import * as t from "../types.js" */
/** @import { MenuItem } from "./dialogs.js" */

/** @typedef {() => void} Run */

/**
 * @param {t.Segment} segment
 * @param {number | null} word  That is chosen.
 * @param {{ write: Run, speaker: Run, split: Run, join: Run | null, copy: Run }} actions  `null`: not here.
 * @returns {MenuItem[]}
 */
export function passageMenu({ words }, word, { write, speaker, split, join, copy }) {
  const before = word ? words[word]?.text.trim() : undefined;
  const splitting = before ? `Split in front of “${before}”` : "Split (choose a word first)";
  return [
    { label: "Write in the text", hint: "E", run: write },
    { label: "Change the speaker", run: speaker },
    { label: splitting, hint: "S", disabled: !before, run: split },
    { label: "Join with the next", disabled: join === null, run: join ?? (() => {}) },
    { label: "Copy the text", run: copy },
  ];
}

/**
 * @typedef {object} TranscriptActions  `null`: not here.
 * @property {Run} copy
 * @property {Run | null} versions
 * @property {Run | null} share
 * @property {Run} reading
 * @property {Run} shortcuts
 * @property {Run | null} remove
 */

/**
 * @param {TranscriptActions} actions
 * @returns {MenuItem[]}
 */
export function transcriptMenu({ copy, versions, share, reading, shortcuts, remove }) {
  /**
   * @param {string} label
   * @param {Run | null} run
   * @returns {MenuItem[]}
   */
  const perhaps = (label, run) => (run ? [{ label, run }] : []);
  return [
    { label: "Copy all text", run: copy },
    ...perhaps("Versions", versions),
    ...perhaps("Share", share),
    { label: "How the text is shown", run: reading },
    { label: "Keyboard shortcuts", hint: "?", run: shortcuts },
    ...perhaps("Delete the recording", remove),
  ];
}
