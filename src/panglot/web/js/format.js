/** Figures as people read them. */

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/**
 * A place on a time line, or a length: `2:03`, `1:02:03`.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const tail = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/**
 * How long something takes, roughly: `20 s`, `3 min`, `1 h 20 min`.
 * @param {number} seconds
 */
export function roughly(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds / 5) * 5)} s`.replace(/^60 s$/, "1 min");
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/** @param {number} count */
export function bytes(count) {
  const power = count < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${UNITS[power]}`;
}

/**
 * A share as a percentage with one decimal.
 * @param {number} share  From 0 to 1, or a little over.
 */
export function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}

/**
 * When something was, as near as helps: `today, 14:03`, `yesterday, 9:15`, `3 May, 14:03`, `3 May 2024`.
 * @param {string} iso
 * @param {Date} [now]
 * @param {string} [locale]  The browser's where it is left out.
 */
export function when(iso, now = new Date(), locale) {
  const then = new Date(iso);
  if (Number.isNaN(then.getTime())) return "";
  const time = then.toLocaleTimeString(locale, { hour: "numeric", minute: "2-digit" });
  const days = Math.round((midnight(now) - midnight(then)) / 86_400_000);
  if (days === 0) return `today, ${time}`;
  if (days === 1) return `yesterday, ${time}`;
  const sameYear = then.getFullYear() === now.getFullYear();
  const date = then.toLocaleDateString(locale, {
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  });
  return sameYear ? `${date}, ${time}` : date;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
