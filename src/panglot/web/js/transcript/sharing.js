/** A link with which others can read and hear a transcript. */

import { fill, h, write } from "../dom.js";
import { messageOf } from "../errors.js";
import { openDialog } from "./dialogs.js";
import { copy } from "./plaintext.js";

/**
 * @param {object} options
 * @param {import("../api.js").Api} options.api
 * @param {string} options.id
 * @param {boolean} options.shared  Whether there is a link already.
 * @param {(shared: boolean) => void} options.onChange
 */
export function openSharing({ api, id, shared, onChange }) {
  const problem = h("p", { class: "problem", role: "alert" });
  const body = h("div", { class: "stack" });
  /** @param {() => Promise<void>} run */
  const attempt = async (run) => {
    write(problem, "");
    await run().catch((error) => write(problem, messageOf(error)));
  };
  const create = () =>
    attempt(async () => {
      const { url } = await api.share(id);
      onChange(true);
      const field = h("input", { type: "text", readonly: true, value: url, "aria-label": "Link" });
      const button = h(
        "button",
        { type: "button", onclick: () => void attempt(async () => (await copy(url), write(button, "Copied"))) },
        "Copy",
      );
      fill(body, h("div", { class: "field-row" }, field, button), withdrawal());
      field.select();
    });
  const withdraw = () =>
    attempt(async () => {
      await api.unshare(id);
      onChange(false);
      fill(body, h("p", null, "The link is withdrawn. It leads nowhere now."));
    });
  const withdrawal = () =>
    h("div", { class: "line" }, h("button", { type: "button", onclick: () => void withdraw() }, "Withdraw the link"));
  fill(
    body,
    h(
      "div",
      { class: "line" },
      h(
        "button",
        { type: "button", class: "main", onclick: () => void create() },
        shared ? "Show the link" : "Make a link",
      ),
    ),
    shared ? withdrawal() : null,
  );
  openDialog("Share", () => [
    h(
      "p",
      null,
      "Anybody who has the link can read this transcript and hear the recording, without a key. They cannot change it.",
    ),
    body,
    problem,
  ]);
}
