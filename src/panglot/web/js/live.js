/** The text of a recording that is still being worked on. */

/** @import { LiveSegment } from "./types.js" */

export class LiveText {
  /** @type {LiveSegment[]} */
  segments = [];

  /**
   * Takes segments in. Work that was interrupted is told again: what comes takes the place of what overlaps it.
   * @param {LiveSegment[]} added
   */
  add(added) {
    const kept = this.segments.filter((old) => !added.some((each) => each.start < old.end && old.start < each.end));
    this.segments = [...kept, ...added.filter((each) => each.text.trim())].sort((a, b) => a.start - b.start);
  }

  /**
   * The last words.
   * @param {number} characters  About how many.
   */
  tail(characters) {
    const last = this.segments
      .slice(-8)
      .map((each) => each.text.trim())
      .join(" ");
    if (last.length <= characters) return last;
    const cut = last.slice(-characters);
    return `… ${cut.slice(cut.indexOf(" ") + 1)}`;
  }
}
