/** A recording that somebody shared by a link. */

import { openTranscriptIn } from "./recording.js";

/** @import { Page } from "./page.js" */
/** @import { OpenView } from "./types.js" */

/**
 * @param {HTMLElement} root
 * @param {Page} page
 * @param {{ token: string, at: number | null }} route
 */
export function openShared(root, page, { token, at }) {
  /** @type {OpenView | null} */
  let inner = null;
  let closed = false;
  const options = {
    api: page.api,
    id: "",
    shared: token,
    about: page.about,
    at,
    onClose: () => undefined,
    announce: (/** @type {string} */ text) => page.voice.announce(text),
    notify: (/** @type {string} */ text) => page.voice.notify(text),
  };
  void openTranscriptIn(root, options).then((view) => {
    inner = view;
    if (closed) view.close();
  });
  return {
    title: "Shared recording",
    close: () => {
      closed = true;
      inner?.close();
    },
  };
}
