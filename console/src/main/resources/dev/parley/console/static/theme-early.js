// A classic script, run before the first paint, so that a chosen theme does not flash in the other one first.
(() => {
  const chosen = localStorage.getItem('parley.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();
