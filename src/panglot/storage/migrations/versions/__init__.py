"""The steps; each is named by a number of four digits, so that later ones sort after earlier ones."""
