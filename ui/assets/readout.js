/** What is written over the chart: a line about one candle, and why there is no chart. */
(() => {
  const own = (window.dash_clientside ??= {});

  /** Time, real prices, change and volume of `[ms, open, high, low, close, volume]`. */
  function words([time, open, high, low, close, volume], decimals, kind = "") {
    const { number, quantity } = own.numbers;
    const price = (value) => number(value, decimals);
    return [
      `${new Date(time).toISOString().slice(0, 10)} ${own.clock.timeOfDay(time, false)}`,
      `O ${price(open)}`,
      `H ${price(high)}`,
      `L ${price(low)}`,
      `C ${price(close)}`,
      `${number((close / open - 1) * 100, 2, true)} %`,
      `V ${quantity(volume)}`,
      ...(kind ? [kind] : []),
    ].join("   ");
  }

  const element = (id) => document.getElementById(id);

  /** Write the line about a candle, or none; `kind` is how candles are drawn, if not plain. */
  function show(candle, decimals, kind = "") {
    const box = element("readout");
    const text = candle ? words(candle, decimals, kind) : "";
    if (box.textContent !== text) {
      box.textContent = text;
      box.className = `readout ${!candle || candle[4] >= candle[1] ? "up" : "down"}`;
    }
  }

  /** Say what is missing of a figure: in place of it when it has no candle, else over it. */
  function explain({ bars, note }) {
    const box = element("chart-note");
    box.hidden = bars > 0 && !note;
    box.classList.toggle("over-chart", bars > 0);
    element("chart-note-text").textContent = note || "Waiting for the first candles";
  }

  own.readout = { words, show, explain };
})();
