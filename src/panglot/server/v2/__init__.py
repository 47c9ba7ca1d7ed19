"""The API that the clients of AssemblyAI speak, version 2."""
