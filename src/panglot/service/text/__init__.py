"""What can be done with the words of a transcript after recognition: pure functions on records."""
