/** Small drawings beside words, or on buttons that have a label of their own; screen readers skip them. */

import { svg } from "./dom.js";

/** Paths in a field of 24 by 24. */
const PATHS = {
  back: "M15 5l-7 7 7 7",
  check: "M5 13l4 4L19 7",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  export: "M12 4v11M7 11l5 5 5-5M5 20h14",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  flag: "M6 21V4h11l-2 4 2 4H6",
  follow: "M4 6h16M4 12h9M4 18h16M16 10l3 2-3 2",
  forward: "M20 12a8 8 0 1 1-3-6.2M17 2v4h-4",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  mic: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3M6 11a6 6 0 0 0 12 0M12 17v4",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  pause: "M8 5v14M16 5v14",
  play: "M7 5l12 7-12 7z",
  redo: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6",
  retry: "M20 12a8 8 0 1 1-2.5-5.8M20 3v5h-5",
  rewind: "M4 12a8 8 0 1 0 3-6.2M7 2v4h4",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l5 5",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  up: "M6 15l6-6 6 6",
  wave: "M3 10v4M7.5 6v12M12 3v18M16.5 7v10M21 10v4",
};

/** @typedef {keyof typeof PATHS} IconName */

/** @param {IconName} name */
export function icon(name) {
  const path = svg("path", { d: PATHS[name] });
  return svg("svg", { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" }, path);
}
