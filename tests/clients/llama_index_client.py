"""What programs do with LlamaIndex's reader; run by its own Python, prints what came out as JSON.

The reader knows no address: it is in the environment, where the ``assemblyai`` package looks for it.
"""

import json
import sys

import assemblyai
from llama_index.readers.assemblyai import AssemblyAIAudioTranscriptReader, TranscriptFormat


def documents(audio):
    """The documents of each format."""
    assemblyai.settings.polling_interval = 0.2
    return {
        form.value: [
            {"text": document.text, "metadata": document.metadata}
            for document in AssemblyAIAudioTranscriptReader(audio, transcript_format=form).load_data()
        ]
        for form in TranscriptFormat
    }


def main():
    """Take the name of a function and its arguments from a line of JSON."""
    order = json.loads(sys.stdin.read())
    print(json.dumps(globals()[order["name"]](**order["arguments"]), default=str))


if __name__ == "__main__":
    main()
