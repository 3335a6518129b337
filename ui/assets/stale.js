/** Why the chart is not current, in words. Pure. */
(() => {
  const own = (window.dash_clientside ??= {});
  // Of these, how old the newest data is says most; of others, what is being done.
  const CUT_OFF = new Set(["SILENT", "RECONNECTING", "STOPPED", "STARTING"]);

  /**
   * Say what is wrong with the shown symbol's data; empty when that is nothing.
   *
   * @param {{state: string, live: boolean, age_s: ?number, detail: string}} shown - The symbol.
   * @param {{age_s: ?number}} feed - The feed as a whole.
   * @param {number} elapsedS - Since the server told that.
   * @param {boolean} lost - Whether the server tells nothing any more.
   */
  function words(shown, feed, elapsedS, lost) {
    if (shown.live && !lost) {
      return "";
    }
    if (shown.state === "CLOSED" && !lost) {
      return "Market closed";
    }
    const toldS = shown.age_s ?? feed.age_s;
    const since = toldS === null ? "no data yet" : `newest data ${own.clock.age(toldS + elapsedS)} old`;
    const who = lost ? "Server away" : `Feed ${shown.state.toLowerCase()}`;
    const reason = lost || !shown.detail || shown.detail.length > 90 ? "" : ` · ${shown.detail}`;
    return lost || CUT_OFF.has(shown.state) ? `${who} · ${since}${reason}` : `${who}${reason || ` · ${since}`}`;
  }

  /** Kinds of unreadable frames, the most frequent first: "not JSON 3, wrong price 1". */
  function kinds(counts) {
    return Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .slice(0, 6)
      .map(([kind, count]) => `${kind} ${own.numbers.number(count, 0)}`)
      .join(", ");
  }

  own.stale = { words, kinds };
})();
