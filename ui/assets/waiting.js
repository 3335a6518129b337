/** The page without a market: it loads itself again once there is one. */
(() => {
  const AGAIN_MS = 2000;
  const PATIENCE_MS = 15000;

  /** Whether nothing but waiting is on this page, and nobody is about to stop all. */
  const isIdle = () => document.getElementById("waiting") && !document.querySelector("dialog[open]");

  /** Whether the server has another page by now, or takes another token; false while it is away. */
  async function hasAnother() {
    try {
      const answer = await fetch("/_dash-layout", { signal: AbortSignal.timeout(PATIENCE_MS) });
      const text = await answer.text();
      const token = document.getElementById("action-token")?.dataset.token ?? "";
      return !text.includes('"id":"waiting"') || !text.includes(token);
    } catch {
      return false;
    }
  }

  /** A page that is loaded anew takes what was pressed meanwhile with it: not before it has to. */
  async function again() {
    if (isIdle() && (await hasAnother()) && isIdle()) {
      window.location.reload();
    }
    window.setTimeout(again, AGAIN_MS);
  }

  window.setTimeout?.(again, AGAIN_MS);
})();
