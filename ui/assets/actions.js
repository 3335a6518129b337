/** Requests that change something: they carry the page's token, and their outcome is told. */
(() => {
  const own = (window.dash_clientside ??= {});
  const PATIENCE_MS = 15000;

  /**
   * Ask the server to do something.
   *
   * @param {string} path - Of this server.
   * @param {object} body - Sent as JSON.
   * @returns {Promise<{ok: boolean, status: number, answer: object}>} With status 0 and
   *   `answer.detail` for people when the server could not be reached.
   */
  async function post(path, body = {}) {
    const token = document.getElementById("action-token")?.dataset.token ?? "";
    try {
      const reply = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Trading-Token": token },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const answer = await reply.json().catch(() => ({ detail: `The server answered ${reply.status}.` }));
      return { ok: reply.ok, status: reply.status, answer };
    } catch {
      return { ok: false, status: 0, answer: { detail: "The dashboard's server does not answer." } };
    }
  }

  own.actions = { post };
})();
