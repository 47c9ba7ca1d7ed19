/** Times as screen readers say them. */

/**
 * 1 hour 2 minutes 3 seconds.
 * @param {number} seconds
 */
export function spoken(seconds) {
  const whole = Math.max(Math.floor(seconds), 0);
  /** @type {[number, string][]} */
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor((whole % 3600) / 60), "minute"],
    [whole % 60, "second"],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return said.join(" ") || "0 seconds";
}
