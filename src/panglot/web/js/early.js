/* Runs before anything is drawn, so that nothing flashes: the colours and the size of text that were chosen. */
for (const name of ["theme", "text"]) {
  try {
    const value = localStorage.getItem(`panglot.${name}`);
    if (value) document.documentElement.dataset[name] = value;
  } catch {
    // A browser that keeps nothing has nothing chosen.
  }
}
