/** A chart in a frame: what it shares with its page once both are there. */
(() => {
  const own = (window.dash_clientside ??= {});
  const LOOK_MS = 250;
  const { frame } = own.embed;

  /** The scripts of the page around this frame; null where the frame was opened by itself. */
  const page = () => (window.parent === window ? null : window.parent.dash_clientside);

  /** The slim header shows nothing that only the server's reading of accounts would fill. */
  function slim() {
    const header = document.querySelector(".header");
    if (!header) {
      setTimeout(slim, LOOK_MS);
      return;
    }
    header.removeAttribute("data-panel");
  }

  /** Follow the page's look, from what it has become while this chart was made. */
  function listen() {
    window.addEventListener("storage", follow);
    follow({ key: "look" });
  }

  /** Take theme and replay of the page when its look changes. */
  function follow({ key }) {
    const ofPage = key === "look" ? page()?.look?.now() : null;
    if (!ofPage) {
      return;
    }
    const before = own.look.now();
    const after = own.embed.follows(before, ofPage);
    if (after.theme !== before.theme || after.until_ms !== (before.until_ms ?? null)) {
      own.look.change(after);
    }
  }

  function begin() {
    own.chart_links.join(frame.link);
    document.addEventListener("chart:market", listen, { once: true }); // Dash is there by then
    own.keyboard.add({ key: "t", text: "Dark or light", run: () => window.parent.document.getElementById("theme-switch")?.click() });
    slim();
  }

  if (frame) {
    document.addEventListener("DOMContentLoaded", begin); // when all scripts are there
  }
})();
