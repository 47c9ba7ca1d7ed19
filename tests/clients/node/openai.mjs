// What programs do with the official `openai` package for Node; prints what came out as JSON.
import { createReadStream, readFileSync } from "node:fs";
import OpenAI from "openai";

const order = JSON.parse(readFileSync(0, "utf8"));
const client = new OpenAI({ apiKey: order.key, baseURL: `${order.url}/v1`, maxRetries: 0 });

const transcribe = (audio, options) =>
  client.audio.transcriptions.create({ file: createReadStream(audio), model: "whisper-1", ...options });

const collect = async (events) => {
  const found = [];
  for await (const event of events) found.push(event);
  return found;
};

const scenarios = {
  async formats({ audio }) {
    const found = {};
    for (const response_format of ["json", "text", "srt", "verbose_json", "vtt", "diarized_json"]) {
      const more = response_format === "verbose_json" ? { timestamp_granularities: ["word", "segment"] } : {};
      found[response_format] = await transcribe(audio, { response_format, ...more });
    }
    return found;
  },

  async stream({ audio }) {
    return collect(await transcribe(audio, { model: "gpt-4o-transcribe", stream: true }));
  },

  async translations({ audio }) {
    const found = {};
    for (const response_format of ["json", "text", "srt", "verbose_json", "vtt"]) {
      found[response_format] = await client.audio.translations.create({
        file: createReadStream(audio),
        model: "whisper-1",
        response_format,
      });
    }
    return found;
  },

  async models() {
    const listed = await collect(client.models.list());
    return { listed, one: await client.models.retrieve(listed[0].id) };
  },

  async errors({ audio, text_file }) {
    const attempt = async (call) => {
      try {
        await call();
        return null;
      } catch (error) {
        return { raised: error.constructor.name, status: error.status, message: error.message, type: error.type };
      }
    };
    const stranger = client.withOptions({ apiKey: "wrong" });
    return {
      "wrong key": await attempt(() =>
        stranger.audio.transcriptions.create({ file: createReadStream(audio), model: "whisper-1" }),
      ),
      "not audio": await attempt(() => transcribe(text_file)),
      "unknown language": await attempt(() => transcribe(audio, { language: "klingon" })),
      "unknown model": await attempt(() => client.models.retrieve("none-of-that-name")),
    };
  },
};

console.log(JSON.stringify(await scenarios[order.name](order.arguments)));
