// What programs do with the official `assemblyai` package for Node; prints what came out as JSON.
import { readFileSync } from "node:fs";
import { createReadStream } from "node:fs";
import { AssemblyAI } from "assemblyai";

const order = JSON.parse(readFileSync(0, "utf8"));
const client = new AssemblyAI({ apiKey: order.key, baseUrl: order.url });
const poll = { pollingInterval: 200 };

const scenarios = {
  // A path is uploaded, speakers and language are told.
  async transcribe({ audio }) {
    return client.transcripts.transcribe({ audio, speaker_labels: true, language_detection: true }, poll);
  },

  // A stream, bytes and a data address are uploaded too.
  async sources({ audio }) {
    const bytes = readFileSync(audio);
    const found = [];
    for (const source of [createReadStream(audio), bytes, `data:audio/flac;base64,${bytes.toString("base64")}`]) {
      found.push((await client.transcripts.transcribe({ audio: source }, poll)).text);
    }
    return found;
  },

  async everything({ audio }) {
    const { id } = await client.transcripts.transcribe({ audio }, poll);
    return {
      id,
      sentences: await client.transcripts.sentences(id),
      paragraphs: await client.transcripts.paragraphs(id),
      srt: await client.transcripts.subtitles(id, "srt"),
      vtt: await client.transcripts.subtitles(id, "vtt", 20),
      search: await client.transcripts.wordSearch(id, ["museum", "our museum", "zebra"]),
    };
  },

  async listing({ audio }) {
    const made = [];
    for (let number = 0; number < 3; number++) {
      made.push((await client.transcripts.transcribe({ audio }, poll)).id);
    }
    const first = await client.transcripts.list({ limit: 2 });
    const older = await client.transcripts.list(first.page_details.prev_url);
    const newer = await client.transcripts.list(older.page_details.next_url);
    const gone = await client.transcripts.delete(made[0]);
    return { made, first, older, newer, gone, after: await client.transcripts.get(made[0]) };
  },

  async redaction({ audio }) {
    const transcript = await client.transcripts.transcribe(
      {
        audio,
        language_code: "en",
        redact_pii: true,
        redact_pii_policies: ["email_address", "phone_number"],
        redact_pii_audio: true,
      },
      poll,
    );
    const file = await client.transcripts.redactedAudioFile(transcript.id);
    return { transcript, bytes: (await file.arrayBuffer()).byteLength };
  },

  async errors({ audio, text_file }) {
    const attempt = async (call) => {
      try {
        const done = await call();
        return { raised: null, status: done.status, error: done.error };
      } catch (error) {
        return { raised: error.constructor.name, message: error.message };
      }
    };
    const stranger = new AssemblyAI({ apiKey: "wrong", baseUrl: order.url });
    return {
      "wrong key": await attempt(() => stranger.transcripts.transcribe({ audio }, poll)),
      "not audio": await attempt(() => client.transcripts.transcribe({ audio: text_file }, poll)),
      "unknown id": await attempt(() => client.transcripts.get("00000000-0000-4000-8000-000000000000")),
      "unknown language": await attempt(() => client.transcripts.transcribe({ audio, language_code: "xx" }, poll)),
    };
  },
};

console.log(JSON.stringify(await scenarios[order.name](order.arguments)));
