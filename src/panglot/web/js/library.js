/** The first thing one sees: adding recordings, and all that were added. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { Intake } from "./intake.js";
import { RecordingList } from "./recordinglist.js";
import { UploadRows } from "./uploadrows.js";

/** @import { Page } from "./page.js" */

const PAUSE = 250;

/**
 * @param {HTMLElement} root
 * @param {Page} page
 */
export function openLibrary(root, page) {
  const intake = new Intake(page);
  const rows = new UploadRows(page.uploads);
  const list = new RecordingList(page);
  const stop = new AbortController();
  page.uploads.addEventListener("change", () => rows.update(), stop);
  page.uploads.addEventListener("submitted", () => list.refresh(), stop);
  page.connection.addEventListener("back", () => list.refresh(), stop);
  root.replaceChildren(
    h(
      "div",
      { class: "stack" },
      h("h1", null, "Turn recordings into text"),
      intake.element,
      rows.element,
      h(
        "section",
        { class: "stack", "aria-labelledby": "recordings" },
        h("div", { class: "line spread" }, h("h2", { id: "recordings" }, "Your recordings"), searchField(list)),
        list.element,
      ),
    ),
  );
  return {
    title: "Recordings",
    take: (/** @type {File[]} */ files) => intake.take(files),
    close: () => {
      stop.abort();
      intake.close();
      list.close();
    },
  };
}

/** @param {RecordingList} list */
function searchField(list) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const input = h("input", {
    type: "search",
    placeholder: "Search names and words",
    "aria-label": "Search names and words",
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => list.search(input.value.trim()), PAUSE);
    },
  });
  return h("search", { class: "search" }, icon("search"), input);
}
