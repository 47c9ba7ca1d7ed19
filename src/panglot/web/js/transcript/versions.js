/** What was saved, newest first. */

import { fill, h } from "../dom.js";
import { messageOf } from "../errors.js";
import { when } from "../format.js";
import { openDialog } from "./dialogs.js";

/**
 * @param {object} options
 * @param {import("../api.js").Api} options.api
 * @param {string} options.id
 * @param {number} options.shown  Number of the revision that is shown now.
 * @param {(revision: number) => void} options.onView
 */
export function openVersions({ api, id, shown, onView }) {
  const list = h("ol", { class: "versions", role: "list" }, h("li", { class: "quiet" }, "One moment …"));
  openDialog("Versions", (close) => {
    const draw = async () => {
      try {
        const { revisions } = await api.revisions(id);
        const newest = [...revisions].sort((one, other) => other.number - one.number);
        fill(
          list,
          ...newest.map(({ number, created, note }) => {
            const what = number === 0 ? "The original, as it was recognised" : note || "Changed";
            const view =
              number === shown
                ? h("span", { class: "quiet" }, "Shown now")
                : h(
                    "button",
                    {
                      type: "button",
                      "aria-label": `View version ${number}`,
                      onclick: () => (close(), onView(number)),
                    },
                    "View",
                  );
            return h(
              "li",
              null,
              h(
                "div",
                null,
                h("strong", null, what),
                h("span", { class: "quiet small" }, ` ${number === 0 ? "" : `Version ${number}, `}${when(created)}`),
              ),
              view,
            );
          }),
        );
      } catch (error) {
        fill(list, h("li", { class: "problem" }, messageOf(error)));
      }
    };
    void draw();
    return [list];
  });
}
