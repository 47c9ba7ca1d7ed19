import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../../src/panglot/web/js/errors.js";
import { Autosave } from "../../../../src/panglot/web/js/transcript/autosave.js";
import { applyDraft, draftOf, Drafts } from "../../../../src/panglot/web/js/transcript/draft.js";
import {
  editText,
  joinWithNext,
  mergeSpeakers,
  splitSegment,
} from "../../../../src/panglot/web/js/transcript/edits.js";
import { documentOf, memoryStore, segment } from "./make.js";

const made = () => documentOf(segment("s1", "one two three"), segment("s2", "four", { start: 10, speaker: "B" }));

/** @param {(base: number) => number} answer  Throws where the server refuses. */
function saving(answer) {
  const original = made();
  const store = memoryStore();
  const drafts = new Drafts("job", store, "page");
  const seen = { sent: [], states: [], conflicts: [] };
  const autosave = new Autosave({
    drafts,
    saved: { revision: 3, document: original },
    save: async (base, document, note) => {
      seen.sent.push({ base, document, note });
      return answer(base);
    },
    onState: (state) => seen.states.push(state),
    onConflict: (latest) => seen.conflicts.push(latest),
  });
  return { original, drafts, autosave, seen };
}

test("a draft holds only what changed and makes the same document again, also through JSON", () => {
  const original = made();
  for (const edited of [
    editText(original, "s1", "one too"),
    splitSegment(original, "s1", 2),
    joinWithNext(original, "s1"),
    mergeSpeakers(original, "B", "A"),
    editText(original, "s2", ""),
  ]) {
    const draft = JSON.parse(JSON.stringify(draftOf(original, edited, 3)));
    assert.deepEqual(applyDraft(original, draft), edited);
  }
  assert.deepEqual(Object.keys(draftOf(original, editText(original, "s1", "one too"), 3).changed), ["s1"]);
});

test("a browser that keeps nothing, or broken notes, are no draft", () => {
  assert.equal(new Drafts("job", null, "page").read(), null);
  const store = memoryStore();
  store.setItem("panglot.draft.job.page", "{");
  assert.equal(new Drafts("job", store, "page").read(), null);
  const full = {
    ...store,
    setItem: () => {
      throw new Error("quota");
    },
  };
  assert.equal(new Drafts("job", full, "page").write(draftOf(made(), made(), 0)), false);
});

test("changes are kept as a draft at once, and gone from it when they are saved", async () => {
  const { original, drafts, autosave, seen } = saving((base) => base + 1);
  const edited = editText(original, "s1", "one too three");
  autosave.change(edited, "Text changed");
  assert.deepEqual(applyDraft(original, drafts.read()), edited);
  await autosave.flush();
  assert.deepEqual(seen.sent, [{ base: 3, document: edited, note: "Text changed" }]);
  assert.equal(autosave.revision, 4);
  assert.equal(drafts.read(), null);
  assert.deepEqual(seen.states, ["unsaved", "saving", "saved"]);
});

test("what was undone needs no saving", async () => {
  const { original, autosave, seen, drafts } = saving((base) => base + 1);
  autosave.change(editText(original, "s1", "one"), "Text changed");
  autosave.change(original, "Text changed");
  await autosave.flush();
  assert.deepEqual(seen.sent, []);
  assert.equal(drafts.read(), null);
});

test("a server that is away is tried again, and the draft stays meanwhile", async () => {
  let up = false;
  const { original, drafts, autosave, seen } = saving((base) => {
    if (!up) throw new ApiError(0, "Cannot reach the server.");
    return base + 1;
  });
  autosave.change(editText(original, "s1", "one"), "Text changed");
  await autosave.flush();
  assert.equal(seen.states.at(-1), "waiting");
  assert.equal(drafts.read()?.base, 3);
  up = true;
  await autosave.flush();
  assert.equal(seen.states.at(-1), "saved");
  assert.equal(autosave.revision, 4);
  autosave.close();
});

test("a conflict is asked about, and nothing is sent until it is answered", async () => {
  const { original, autosave, seen } = saving((base) => {
    if (base < 7) throw new ApiError(409, "Not the latest.", { latest: 7 });
    return base + 1;
  });
  const mine = editText(original, "s1", "mine");
  autosave.change(mine, "Text changed");
  await autosave.flush();
  assert.deepEqual(seen.conflicts, [7]);
  autosave.change(editText(mine, "s1", "mine still"), "Text changed");
  await autosave.flush();
  assert.equal(seen.sent.length, 1);
  await autosave.keepMine(7);
  assert.equal(seen.sent.at(-1).base, 7);
  assert.equal(autosave.revision, 8);
  autosave.close();
});

test("while there is a conflict and after it, the draft is one of the revision that was changed", async () => {
  let answers = [409, 503];
  const { original, drafts, autosave } = saving(() => {
    throw new ApiError(answers.shift() ?? 503, "No.", { latest: 7 });
  });
  const mine = editText(original, "s1", "mine");
  autosave.change(mine, "Text changed");
  await autosave.flush();
  await autosave.keepMine(7);
  const more = editText(mine, "s2", "more");
  autosave.change(more, "Text changed");
  assert.equal(drafts.read()?.base, 3);
  assert.deepEqual(applyDraft(original, drafts.read()), more);
  autosave.close();
});

test("two pages do not write over each other's drafts, and what a closed one left is taken over", () => {
  const store = memoryStore();
  const [one, other, later] = ["one", "other", "later"].map((page) => new Drafts("job", store, page));
  const [first, second] = ["first", "second"].map((text) => draftOf(made(), editText(made(), "s1", text), 3));
  one.write(first);
  other.write(second);
  assert.deepEqual([one.read(), other.read()], [first, second]);
  other.clear();
  assert.deepEqual(one.read(), first);
  assert.deepEqual(later.read(), first);
  later.clear();
  assert.equal(store.length, 0);
  new Drafts("another job", store, "one").write(first);
  assert.equal(later.read(), null);
});

test("what the server refuses is not sent again and again", async () => {
  const { original, autosave, seen } = saving(() => {
    throw new ApiError(400, "Times out of order.");
  });
  autosave.change(editText(original, "s1", "one"), "Text changed");
  await autosave.flush();
  assert.equal(seen.states.at(-1), "refused");
  autosave.close();
});

test("what is changed while it is being saved is saved next, on what was saved", async () => {
  const { original, autosave, seen, drafts } = saving((base) => base + 1);
  const first = editText(original, "s1", "first");
  autosave.change(first, "Text changed");
  const running = autosave.flush();
  const second = editText(first, "s2", "second");
  autosave.change(second, "Text changed");
  await running;
  assert.deepEqual(applyDraft(first, drafts.read()), second);
  assert.equal(drafts.read()?.base, 4);
  await autosave.flush();
  assert.deepEqual(
    seen.sent.map(({ base, document }) => [base, document]),
    [
      [3, first],
      [4, second],
    ],
  );
  autosave.close();
});
