"""The page: plain files that the server sends."""
