/**
 * The shapes that the server answers with, and those that the parts of the page hand each other.
 * All times are seconds on the recording's time line.
 */

/** @typedef {"queued" | "processing" | "completed" | "error"} Status */

/** @typedef {{ start: number, end: number, text: string }} Match  Where words that were searched for are. */

/**
 * One recording and how far it is.
 * @typedef {object} Recording
 * @property {string} id
 * @property {string} name  The file's name, as somebody gave it.
 * @property {Status} status
 * @property {string | null} stage
 * @property {string} created  ISO 8601.
 * @property {string | null} completed  ISO 8601.
 * @property {number | null} duration
 * @property {number | null} seconds_done
 * @property {number | null} ahead  Jobs before it in the queue.
 * @property {number | null} speed  Seconds of audio per second.
 * @property {number | null} remaining  Seconds until it is done.
 * @property {string | null} error
 * @property {string[]} languages  Codes.
 * @property {number | null} speakers
 * @property {number} revision
 * @property {string | null} excerpt
 * @property {boolean} has_audio
 * @property {boolean} shared
 * @property {Match[] | null} [matches]  Only in the answer to a search.
 */

/** @typedef {{ recordings: Recording[], older: string | null }} RecordingPage */

/**
 * A word; keeps the space before it.
 * @typedef {object} Word
 * @property {string} text
 * @property {number} start
 * @property {number} end
 * @property {number} probability
 * @property {boolean} [edited]
 */

/**
 * @typedef {object} Segment
 * @property {string} id
 * @property {number} start
 * @property {number} end
 * @property {string | null} speaker  Steady label, a key of `Document.speakers`.
 * @property {string | null} language  Code.
 * @property {Word[]} words
 */

/** @typedef {{ start: number, end: number, language: string, probability: number }} LanguageSpan */
/** @typedef {{ start: number, end: number, speaker: string }} Turn */
/** @typedef {{ kind: string, start: number, end: number, detail: string | null }} Finding  What to check. */

/**
 * What can be edited.
 * @typedef {object} Document
 * @property {Segment[]} segments
 * @property {Record<string, string>} speakers  Shown names by steady label.
 * @property {LanguageSpan[]} languages
 * @property {Turn[]} turns
 * @property {Finding[]} findings
 * @property {number} duration
 */

/** @typedef {{ revision: number, document: Document }} RevisedDocument */
/** @typedef {{ number: number, created: string, note: string | null }} Revision */
/** @typedef {{ audio: string, type: string }} AudioLink */
/** @typedef {{ duration: number, peaks: number[] }} Waveform  Peaks from 0 to 255. */
/** @typedef {{ recording: Recording, document: Document, audio: string | null }} SharedRecording */
/** @typedef {{ blob: Blob, name: string }} Download */

/** @typedef {"txt" | "srt" | "vtt" | "docx" | "json" | "md" | "csv"} ExportFormat */

/**
 * @typedef {object} ExportOptions
 * @property {ExportFormat} format
 * @property {number | null} [maxLineLength]  Characters.
 * @property {number | null} [readingSpeed]  Characters per second.
 * @property {number | null} [revision]
 */

/** @typedef {{ code: string, name: string }} Language */

/**
 * What this server is and who we are to it. Without a valid key the lists may be missing.
 * @typedef {object} About
 * @property {string} version
 * @property {boolean} authenticated
 * @property {boolean} needs_key
 * @property {boolean} [share_links]
 * @property {boolean} [operator]
 * @property {string | null} [project]
 * @property {Language[]} [languages]
 * @property {(string | { name: string })[]} [models]
 */

/** @typedef {{ status: Status, stage: string | null, seconds_done: number, duration: number | null }} Progress */

/**
 * A segment that is recognised while the rest still is not.
 * @typedef {object} LiveSegment
 * @property {number} start
 * @property {number} end
 * @property {string} text
 * @property {string | null} [language]
 */

/**
 * What is told of a job that is followed.
 * @typedef {object} JobListener
 * @property {(progress: Progress) => void} [onProgress]
 * @property {(segments: LiveSegment[]) => void} [onSegments]
 * @property {(last: Progress & { error: string | null }) => void} [onDone]  Finished, also with an error.
 * @property {(error: import("./errors.js").ApiError) => void} [onFailed]  Cannot be followed any longer.
 */

/** @typedef {{ rate: number, n: number, date: string }} CardEntry  Word error rate measured in one language. */

/**
 * @typedef {object} OperatorWorker
 * @property {string} id
 * @property {string | null} host
 * @property {string | null} model
 * @property {string | null} device
 * @property {string[]} running
 * @property {string | null} seen
 * @property {number | null} speed
 * @property {number | null} batch_fill
 * @property {number} stalled  Seconds for which one of the jobs in hand has got no further; 0 where there are none.
 */

/**
 * @typedef {object} Operator
 * @property {{ queued: number, processing: number, oldest_wait: number | null }} queue
 * @property {OperatorWorker[]} workers
 * @property {{ name: string, size: number | null, languages_card: Record<string, CardEntry> | null }[]} models
 * @property {{ project: string, key: string | null, requests?: number | null, jobs: number, audio_seconds: number,
 *              last_used: string | null }[]} usage
 * @property {{ id: string, project: string, when: string, error: string }[]} failures
 */

/**
 * What the transcript's view is opened with.
 * @typedef {object} TranscriptOptions
 * @property {import("./api.js").Api} api
 * @property {string} id  The recording's; empty where it is shared.
 * @property {string | null} shared  Token of a share link: read only, and without a key.
 * @property {About | null} about
 * @property {number | null} at  Second to go to at once, such as a search's hit.
 * @property {() => void} onClose  Goes back to the list, such as after deleting.
 * @property {(text: string) => void} announce  Says something to screen readers.
 * @property {(text: string) => void} notify  Says something to everybody.
 */

/** @typedef {{ close: () => void }} OpenView  Something on the page that must be told to stop. */

export {};
