/** The part of the window in which the transcript is seen, between what sticks to its ends. */

/** Share of the part that is above what was jumped to. */
const ABOVE = 1 / 4;

/** @returns {{ top: number, bottom: number }}  CSS pixels from the top of the window. */
export function sight() {
  const tools = document.querySelector(".transcript-tools")?.getBoundingClientRect();
  const foot = document.querySelector(".transcript-foot")?.getBoundingClientRect();
  const { innerHeight } = window;
  return { top: Math.max(tools?.bottom ?? 0, 0), bottom: Math.min(foot?.top ?? innerHeight, innerHeight) };
}

/** @param {Element | null} element */
export function isSeen(element) {
  const box = element?.getBoundingClientRect();
  const { top, bottom } = sight();
  return box !== undefined && box.top >= top && box.bottom <= bottom;
}

/**
 * Scrolls what is at a height of the window to where one reads it well.
 * @param {number} height
 */
export function bringToSight(height) {
  const { top, bottom } = sight();
  window.scrollBy({ top: height - top - (bottom - top) * ABOVE, behavior: "instant" });
}
