/** Time as the page shows it: market time from the feed, silence by the browser's own clock. */
(() => {
  const own = (window.dash_clientside ??= {});
  const WINDOW_MS = 10000;
  const LONGEST_GUESS_MS = 3000;
  const MINUTE_MS = 60000;
  const INTERVALS_MS = {
    "1m": MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
    "1d": 1440 * MINUTE_MS,
  };

  /**
   * Add what the feed said the market's time was.
   *
   * @param {Array<[number, number]>} samples - Market and monotonic milliseconds, oldest first.
   * @returns {Array<[number, number]>} The samples of the last ten seconds.
   */
  function observe(samples, marketMs, nowMs) {
    const newest = samples.at(-1);
    if (newest && marketMs <= newest[0]) {
      return marketMs < newest[0] - MINUTE_MS ? [[marketMs, nowMs]] : samples;
    }
    return [...samples.filter(([, atMs]) => nowMs - atMs < WINDOW_MS), [marketMs, nowMs]];
  }

  /** How fast the market's clock runs against ours; exactly 1 when it is close to that. */
  function rate(samples) {
    const [first, last] = [samples[0], samples.at(-1)];
    if (!first || last[1] - first[1] < 2000) {
      return 1;
    }
    const measured = (last[0] - first[0]) / (last[1] - first[1]);
    return Math.abs(measured - 1) < 0.2 ? 1 : measured;
  }

  /** Market time now; stands still when the feed has been silent for three seconds. */
  function marketMs(samples, nowMs) {
    const last = samples.at(-1);
    if (!last) {
      return null;
    }
    return last[0] + Math.min(nowMs - last[1], LONGEST_GUESS_MS) * rate(samples);
  }

  const two = (value) => String(value).padStart(2, "0");

  /** Time until the bar of `intervalMs` that contains `atMs` closes: 0:42, 1:05:00, 2d 03h. */
  function countdown(atMs, intervalMs) {
    const left = Math.max(0, Math.ceil((intervalMs - (atMs % intervalMs)) / 1000));
    const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
    return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  }

  /** UTC time of day. */
  function timeOfDay(atMs, seconds = true) {
    return new Date(atMs).toISOString().slice(11, seconds ? 19 : 16);
  }

  /** How long ago, exact where that matters: 0.3 s, 12 s, 4 min. */
  function age(seconds) {
    if (seconds < 10) {
      return `${Math.max(0, seconds).toFixed(1)} s`;
    }
    return seconds < 120 ? `${Math.floor(seconds)} s` : `${Math.floor(seconds / 60)} min`;
  }

  own.clock = { INTERVALS_MS, observe, rate, marketMs, countdown, timeOfDay, age };
})();
