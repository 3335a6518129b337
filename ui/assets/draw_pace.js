/**
 * How often pushed figures are drawn: a market that closes a bar each second, as the demo's does,
 * must not keep the page busy with nothing else.
 *
 * A draw that has to wait is skipped if a newer figure comes meanwhile. Until then the layers that
 * move show the bars that closed, so what waits is only what overlays say of them.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const SHARE = 0.1; // of the page's time, in the long run
  const BURST_MS = 4000; // of drawing that need not wait: a few dozen bars
  const state = { owedMs: 0, atMs: 0, text: null, timer: null };

  /** What is still owed of the time that drawing took. */
  const owed = ({ owedMs, atMs }, nowMs) => Math.max(0, owedMs - SHARE * (nowMs - atMs));

  /** How long the next draw has to wait. */
  const waitMs = (spent, nowMs) => Math.max(0, (owed(spent, nowMs) - BURST_MS) / SHARE);

  /** What is owed after a draw. */
  const after = (spent, tookMs, nowMs) => ({ owedMs: owed(spent, nowMs) + tookMs, atMs: nowMs });

  function draw() {
    const { text } = state;
    const fromMs = performance.now();
    Object.assign(state, { text: null, timer: null });
    own.chart.take(text);
    const nowMs = performance.now();
    Object.assign(state, after(state, nowMs - fromMs, nowMs));
  }

  /** Draw a pushed figure now, or as soon as the page has time for it. */
  function take(text) {
    state.text = text;
    if (state.timer === null) {
      const wait = waitMs(state, performance.now());
      if (wait > 0) {
        state.timer = setTimeout(draw, wait);
      } else {
        draw();
      }
    }
  }

  own.draw_pace = { waitMs, after, take };
})();
