/**
 * The page's side of being served: renews its lease, asks to be served again when nobody
 * does, says so when the server is away, and reloads as the last resort.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const LEASE_MS = 5000;
  const SILENCE_MS = 7000;
  const RETRY_MS = 1000;
  const WAKES_BEFORE_RELOAD = 4;
  const RELOAD_EVERY_MS = 120000;
  const hasSocket = typeof SharedWorker !== "undefined"; // Dash keeps its socket there
  const state = { chosen: null, page: null, refusal: "", failedSinceMs: null, wakes: 0, renewals: 0, startedMs: performance.now() };

  /** Remember what the viewer chose; the lease repeats it, so a restarted server learns it. */
  function choose(symbol, interval, overlays, shown, look, page, symbols) {
    if (!symbol) { // remembered from an earlier visit, and no option any more
      own.set_props("symbol", { value: own.navigation.flat(symbols)[0] });
      return;
    }
    const first = state.chosen === null;
    Object.assign(state, { chosen: { symbol, interval, overlays: overlays ?? [], shown: shown ?? null, look: look ?? null }, page });
    if (first) {
      setInterval(renew, LEASE_MS);
      setInterval(tell, 500);
      document.addEventListener("visibilitychange", () => document.hidden || renew());
      own.panels.watch(renew);
    }
    ask();
  }

  const chosen = () => state.chosen;

  function post(path, signal) {
    return fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ page: state.page, ...state.chosen, seen: own.live.seen(), panels: own.panels.visible() }),
      signal,
    });
  }

  /** Ask for the figure of a new choice; what was asked before is not awaited any more. */
  async function ask() {
    state.asking?.abort();
    const asking = (state.asking = new AbortController());
    try {
      const answer = await post("/live/figure", asking.signal);
      if (answer.ok) {
        own.chart.take(await answer.text());
      } else {
        renew(); // is refused as well, and says why
      }
    } catch {
      if (!asking.signal.aborted) {
        state.failedSinceMs ??= performance.now();
        setTimeout(() => state.asking === asking && ask(), RETRY_MS);
      }
    }
  }

  /** Symbol and interval of the choice, as pushes name it. */
  function market() {
    return state.chosen && `${state.chosen.symbol}|${state.chosen.interval}`;
  }

  /** Whether pushes have stopped coming. */
  function isLost() {
    return performance.now() - (own.live.receivedMs() ?? state.startedMs) > SILENCE_MS;
  }

  async function renew() {
    const number = (state.renewals += 1);
    try {
      const answer = await post("/live/lease", AbortSignal.timeout(LEASE_MS - 500));
      state.failedSinceMs = null;
      own.access.heed(answer.status);
      const { error = "" } = answer.status === 400 ? await answer.json() : {};
      if (number === state.renewals) { // else the choice may be another by now
        state.refusal = error;
      }
      if (answer.ok && !document.hidden) {
        attend(await answer.json());
      }
    } catch {
      state.failedSinceMs ??= performance.now();
    }
  }

  /** Ask for a new push loop when there is none; reload when asking does not help. */
  function attend({ live }) {
    if (live && !isLost()) {
      state.wakes = 0;
      return;
    }
    if (performance.now() - state.startedMs < LEASE_MS) {
      return; // Dash has hardly begun to serve it
    }
    state.wakes += 1;
    if (state.wakes > WAKES_BEFORE_RELOAD && hasSocket) {
      reload();
    } else {
      own.set_props("wake", { data: Date.now() });
    }
  }

  /** Load the page anew, but not over and over. */
  function reload() {
    const key = "reloaded-ms";
    if (Date.now() - Number(sessionStorage.getItem(key)) > RELOAD_EVERY_MS) {
      sessionStorage.setItem(key, String(Date.now()));
      window.location.reload();
    }
  }

  /** Say what is wrong with the connection, or nothing. */
  function tell() {
    const box = document.getElementById("connection");
    const text = words();
    box.hidden = !text;
    if (box.textContent !== text) {
      box.textContent = text;
    }
  }

  function words() {
    if (state.refusal) {
      return state.refusal; // such as a symbol that was settled while it was shown
    }
    if (!isLost()) {
      return "";
    }
    if (!hasSocket) {
      return "This browser has no shared workers, which live updates need. A desktop browser has them.";
    }
    const silentS = Math.floor((performance.now() - (own.live.receivedMs() ?? state.startedMs)) / 1000);
    return state.failedSinceMs === null
      ? `No update for ${silentS} s; asking the server again.`
      : `The dashboard's server has not answered for ${silentS} s. The page resumes by itself when it is back.`;
  }

  own.connection = { choose, chosen, market, isLost };
})();
