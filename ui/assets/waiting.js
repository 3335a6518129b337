/** The page without a market: it asks again by itself, unless somebody is about to stop all. */
(() => {
  const AGAIN_MS = 2000;

  function again() {
    if (document.getElementById("waiting") && !document.querySelector("dialog[open]")) {
      window.location.reload();
    }
  }

  window.setInterval?.(again, AGAIN_MS);
})();
