/** What went wrong with a request, in words for a person. */
export class ApiError extends Error {
  /**
   * @param {number} status  HTTP status; 0 where the server was not reached.
   * @param {string} message
   * @param {Record<string, unknown>} [body]  The whole answer, such as `latest` of a conflict.
   */
  constructor(status, message, body = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.body = body;
  }

  /** Whether trying again may help. */
  get passing() {
    return [0, 429, 502, 503, 504].includes(this.status);
  }
}

const STATUS_TEXTS = /** @type {Record<number, string>} */ ({
  401: "The server does not know this API key.",
  403: "This key is not allowed to do that.",
  404: "This is not there (any more).",
  413: "This is larger than the server takes.",
  429: "Too many requests at once. Wait a moment and try again.",
  502: "The server is not up at the moment.",
  503: "The server is not ready at the moment.",
});

export const UNREACHABLE = "Cannot reach the server.";

/** @param {unknown} reason  What a fetch was rejected with. */
export function unreachable(reason) {
  return new ApiError(0, UNREACHABLE, { reason: String(reason) });
}

/**
 * Makes the error of an answer's status and text, whichever API worded it.
 * @param {number} status
 * @param {string} text
 */
export function errorOf(status, text) {
  const body = parsed(text);
  const error = body["error"];
  const given = isRecord(error) ? error["message"] : (error ?? body["detail"] ?? body["message"]);
  const message = typeof given === "string" && given ? given : STATUS_TEXTS[status];
  return new ApiError(status, message ?? `The server answered with an error (${status}).`, body);
}

/** @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {unknown} error  Whether somebody stopped it on purpose. */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/**
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
