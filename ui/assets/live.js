/** What a push changes on the page outside Dash: price, clock, feed state, the live candle. */
(() => {
  const own = (window.dash_clientside ??= {});
  const REFRESH_MS = 200;
  const FLASH_MS = 120;
  const LOST_AFTER_MS = 3000; // shorter silences are repaired without a word
  const state = { payload: null, atMs: null, samples: [], price: null, deadSinceMs: null, toldDead: false, wasLive: false };

  const element = (id) => document.getElementById(id);

  function write(id, text) {
    const node = element(id);
    if (node && node.textContent !== text) {
      node.textContent = text;
    }
  }

  /** Take a push of the server. */
  function receive(payload) {
    if (!payload) {
      return;
    }
    const nowMs = performance.now();
    Object.assign(state, { payload, atMs: nowMs });
    if (payload.market_ms !== null) {
      state.samples = own.clock.observe(state.samples, payload.market_ms, nowMs);
    }
    if (payload.market === own.connection.market()) {
      own.chart.tick(payload.market, payload.candle, payload.tails);
      showPrice(payload);
    }
    refresh();
  }

  function showPrice({ market, candle }) {
    const price = candle ? candle[4] : own.chart.last()?.[4];
    const before = state.price?.market === market ? state.price.value : null;
    if (price === undefined || price === null || price === before) {
      return;
    }
    state.price = { market, value: price };
    write("last-price-value", own.numbers.number(price, own.chart.decimals()));
    if (before !== null) {
      const up = price > before;
      element("last-price").className = `price ${up ? "up" : "down"}`;
      write("last-price-arrow", up ? "▲" : "▼");
      flash(element("last-price-value"));
    } else {
      element("last-price").className = "price";
      write("last-price-arrow", "");
    }
  }

  /** In one step: an animation would draw the page sixty times a second while it lasts. */
  function flash(node) {
    if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      node.style.opacity = "0.75";
      clearTimeout(state.flashing);
      state.flashing = setTimeout(() => {
        node.style.opacity = "";
      }, FLASH_MS);
    }
  }

  /** Everything that changes with time alone. */
  function refresh() {
    const { payload } = state;
    if (!payload) {
      return;
    }
    const nowMs = performance.now();
    const elapsedS = (nowMs - state.atMs) / 1000;
    showFeed(payload, elapsedS);
    showLabel(payload.label);
    const marketMs = own.clock.marketMs(state.samples, nowMs);
    const market = own.connection.market();
    const interval = market?.split("|")[1];
    own.header?.refresh(market, state.price?.market === market ? state.price.value : null, marketMs);
    tellLoss(payload.feed, nowMs);
    if (marketMs !== null && interval) {
      write("market-time", own.clock.timeOfDay(marketMs));
      write("countdown", own.clock.countdown(marketMs, own.clock.INTERVALS_MS[interval]));
      showNextEvaluation(marketMs);
    }
  }

  function showFeed({ feed, shown }, elapsedS) {
    const ageS = feed.age_s === null ? null : feed.age_s + elapsedS;
    const badge = element("feed-state");
    const lost = own.connection.isLost();
    const tone = lost ? "unknown" : feed.live ? "good" : feed.state === "STOPPED" ? "critical" : "warning";
    badge.className = `badge ${tone}`;
    badge.title = feed.detail;
    write("feed-state-name", lost ? "UNKNOWN" : feed.state);
    write("feed-state-age", ageS === null ? "" : own.clock.age(ageS));
    if (document.documentElement.dataset.page === "system") {
      showFeedCard(feed, tone);
    }
    document.body.classList.toggle("lost", lost);
    const words = own.stale.words(shown, feed, elapsedS, lost);
    element("chart-box").classList.toggle("stale", words !== "");
    document.body.classList.toggle("stale-data", words !== "");
    const empty = own.chart.isEmpty();
    write("chart-note-detail", empty ? shown.detail || feed.detail : "");
    write("stale-words", empty ? "" : words);
  }

  /** The head of the card on the page System. */
  function showFeedCard(feed, tone) {
    const badge = element("feed-card-badge");
    if (badge) {
      badge.className = `badge ${tone} state-line`;
    }
    write("feed-card-state", feed.state);
    write("feed-detail", feed.detail || (feed.live ? "Delivering" : ""));
    for (const name of ["frames", "malformed", "reconnects", "gaps", "differences"]) {
      write(`feed-${name}`, own.numbers.number(feed[name], 0));
    }
    write("feed-unreadable", own.stale.kinds(feed.unreadable));
  }

  /** Tell once when the feed is lost, and once when it is back. */
  function tellLoss({ live, state: name, detail }, nowMs) {
    if (own.connection.isLost()) {
      return; // the page's own trouble, told above the chart
    }
    state.deadSinceMs = live ? null : (state.deadSinceMs ?? nowMs);
    const isDead = state.deadSinceMs !== null && nowMs - state.deadSinceMs > LOST_AFTER_MS;
    if (isDead && !state.toldDead && state.wasLive) {
      own.notifications?.tell({ tone: "warning", title: `Feed ${name.toLowerCase()}`, text: detail || "Nothing arrives." });
      state.toldDead = true;
    } else if (live && state.toldDead) {
      own.notifications?.tell({ tone: "good", title: "Feed live again", text: "The market arrives." });
      state.toldDead = false;
    }
    state.wasLive ||= live;
  }

  function showLabel(label) {
    for (const id of ["market-label", "market-label-watermark"]) {
      element(id).hidden = !label;
      write(id, label ?? "");
    }
  }

  function showNextEvaluation(marketMs) {
    const interval = element("next-evaluation")?.dataset.interval;
    if (!interval) {
      return;
    }
    const lengthMs = own.clock.INTERVALS_MS[interval];
    const atMs = (Math.floor(marketMs / lengthMs) + 1) * lengthMs;
    const left = own.clock.countdown(marketMs, lengthMs);
    write("next-evaluation", `next ${interval} bar closes ${own.clock.timeOfDay(atMs, false)} UTC, in ${left}`);
  }

  // A push refreshes as well, in the frame that it is painted in anyway.
  setInterval(() => performance.now() - state.atMs < 2 * REFRESH_MS || refresh(), REFRESH_MS);

  /** Market time now; null before the feed told any. */
  const marketMs = () => own.clock.marketMs(state.samples, performance.now());

  own.live = { receive, marketMs, seen: () => state.payload?.number ?? 0, receivedMs: () => state.atMs };
})();
