"""The API that the clients of OpenAI speak, version 1, as far as it is about speech to text."""
