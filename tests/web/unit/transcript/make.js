/** Makers of small documents. */

/**
 * Words of a second each, half a second apart.
 * @param {string} text
 * @param {number} [start]
 */
export function words(text, start = 0) {
  return (text.match(/\s*\S+/g) ?? []).map((word, index) => ({
    text: word,
    start: start + index,
    end: start + index + 0.5,
    probability: 0.9,
  }));
}

/**
 * @param {string} id
 * @param {string} text
 * @param {{ start?: number, speaker?: string | null, language?: string | null }} [options]
 */
export function segment(id, text, { start = 0, speaker = "A", language = "en" } = {}) {
  const spoken = words(text, start);
  return { id, start, end: spoken.at(-1)?.end ?? start, speaker, language, words: spoken };
}

/** @param {ReturnType<typeof segment>[]} segments */
export function documentOf(...segments) {
  const labels = [...new Set(segments.flatMap(({ speaker }) => speaker ?? []))];
  return {
    segments,
    speakers: Object.fromEntries(labels.map((label) => [label, label])),
    languages: [],
    turns: segments.flatMap(({ start, end, speaker }) => (speaker === null ? [] : [{ start, end, speaker }])),
    findings: [],
    duration: 100,
  };
}

export function memoryStore() {
  const kept = new Map();
  return {
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}
