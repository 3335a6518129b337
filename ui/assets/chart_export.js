/**
 * A picture of the chart as it is on screen: Plotly's layers, the moving candle, drawings, words.
 *
 * Plotly's own export knows nothing of what other scripts draw. Here every picture and every
 * word of the chart's box is put into one SVG, styles written in, which the browser paints.
 */
(() => {
  const own = (window.dash_clientside ??= {});
  const SVG = "http://www.w3.org/2000/svg";
  const HEAD_PX = 34;
  const SCALE = 2; // sharp on dense screens as well
  const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity", "display", "visibility", "font-family", "font-size", "font-weight", "font-variant-numeric", "text-anchor", "dominant-baseline", "paint-order"];
  const NOT_DRAWN = ".modebar, .modebar-container, button, .watermark, [hidden]";

  const digits = (atMs) => new Date(atMs).toISOString().replace(/\D/g, "");

  /** `BTCUSDT-15m-20261121-1430.png`, the time in UTC. */
  function fileName(market, atMs) {
    const told = digits(atMs);
    return `${market.replace("|", "-")}-${told.slice(0, 8)}-${told.slice(8, 12)}.png`;
  }

  /** What is written over the picture: which market, when, how it is drawn. */
  function title(market, atMs, look) {
    const at = `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    const kinds = [look?.candles === "heikin-ashi" ? "Heikin-Ashi" : "", look?.log ? "log scale" : "", look?.until_ms ? "REPLAY" : ""];
    return [...market.split("|"), at, ...kinds.filter(Boolean)].join(" · ");
  }

  function made(name, attributes, text = "") {
    const node = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    node.textContent = text;
    return node;
  }

  /** A copy of a picture with the styles of its sheets written into it. */
  function styled(svg, at) {
    const copy = svg.cloneNode(true);
    const [from, to] = [[svg, ...svg.querySelectorAll("*")], [copy, ...copy.querySelectorAll("*")]];
    from.forEach((node, i) => {
      const found = getComputedStyle(node);
      for (const name of STYLES) {
        const value = found.getPropertyValue(name);
        if (value && !value.startsWith("url(")) {
          to[i].style.setProperty(name, value);
        }
      }
    });
    Object.entries(at).forEach(([key, value]) => copy.setAttribute(key, value));
    copy.removeAttribute("class");
    copy.style.setProperty("position", "static");
    return copy;
  }

  const isSeen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !node.closest(NOT_DRAWN);

  /** Words that are no part of a picture: the readout, the legend, labels of lines. */
  function wordsOf(box, origin) {
    const found = [];
    const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.data.trim() || parent.closest("svg, style") || !isSeen(parent)) {
        continue;
      }
      const range = document.createRange();
      range.selectNodeContents(node);
      const [at, style] = [range.getBoundingClientRect(), getComputedStyle(parent)];
      const frame = parent.getBoundingClientRect();
      if (style.backgroundColor !== "rgba(0, 0, 0, 0)") {
        found.push(made("rect", { x: frame.left - origin.left, y: frame.top - origin.top, width: frame.width, height: frame.height, fill: style.backgroundColor, rx: 2 }));
      }
      const text = made("text", { x: at.left - origin.left, y: at.top - origin.top + at.height / 2, fill: style.color, "dominant-baseline": "central" }, node.data);
      ["font-family", "font-size", "font-weight", "font-variant-numeric"].forEach((name) => text.style.setProperty(name, style.getPropertyValue(name)));
      text.style.setProperty("white-space", "pre");
      found.push(text);
    }
    return found;
  }

  /** Everything of the chart's box in one SVG, a line of words above it. */
  function composed(box, words, label) {
    const origin = box.getBoundingClientRect();
    const [width, height] = [Math.round(origin.width), Math.round(origin.height)];
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const whole = made("svg", { xmlns: SVG, width, height: height + HEAD_PX, viewBox: `0 0 ${width} ${height + HEAD_PX}` });
    whole.append(made("rect", { width, height: height + HEAD_PX, fill: colour("--panel") }));
    const head = { y: HEAD_PX / 2, "dominant-baseline": "central", "font-family": getComputedStyle(document.body).fontFamily, "font-size": 14, "font-weight": 600 };
    whole.append(made("text", { ...head, x: 12, fill: colour("--text") }, words));
    whole.append(made("text", { ...head, x: width - 12, "text-anchor": "end", fill: colour("--warning") }, label));
    const below = made("g", { transform: `translate(0,${HEAD_PX})` });
    for (const svg of box.querySelectorAll("svg")) {
      if (svg.parentElement.closest("svg") || !isSeen(svg)) {
        continue;
      }
      const at = svg.getBoundingClientRect();
      below.append(styled(svg, { x: at.left - origin.left, y: at.top - origin.top, width: at.width, height: at.height }));
    }
    below.append(...wordsOf(box, origin));
    whole.append(below);
    return { whole, width, height: height + HEAD_PX };
  }

  /** The picture as a PNG. */
  async function painted({ whole, width, height }) {
    const text = new XMLSerializer().serializeToString(whole);
    const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    try {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      return await new Promise((done) => canvas.toBlob(done, "image/png"));
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  /** When the picture is of: the moment replayed, else now in the market. */
  const moment = (look) => (look?.until_ms ? look.until_ms + 1 : (own.live.marketMs() ?? Date.now()));

  async function save() {
    const [box, market, look] = [document.getElementById("chart-box"), own.chart.market(), own.chart.plot()?.layout?.meta?.look];
    if (!market || own.chart.isEmpty()) {
      tell("There is no chart to save yet");
      return;
    }
    const [name, label] = [fileName(market, moment(look)), document.getElementById("market-label").textContent];
    const png = await painted(composed(box, title(market, moment(look), look), label));
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(png), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    tell(`Saved ${name}`);
  }

  function tell(text) {
    const box = document.getElementById("modes-saved");
    box.textContent = text;
    setTimeout(() => box.textContent === text && (box.textContent = ""), 6000);
  }

  async function clicked({ target }) {
    if (target.closest?.("#modes-save")) {
      await save().catch((error) => tell(`The picture could not be made: ${error.message}`));
    }
  }

  if (own.early) {
    document.addEventListener("click", clicked);
  }

  own.chart_export = { fileName, title };
})();
