/** Files that the browser keeps. */

import { h } from "./dom.js";

/** @param {import("./types.js").Download} download */
export function keep({ blob, name }) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
