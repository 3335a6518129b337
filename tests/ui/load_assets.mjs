/** Load scripts of ui/assets as a browser would, and hand out their namespaces. */
import { readFileSync } from "node:fs";
import vm from "node:vm";

export function load(...names) {
  const window = { addEventListener() {}, location: { pathname: "/", search: "" } };
  const document = {
    addEventListener() {},
    getElementById: () => null,
    querySelectorAll: () => [],
    documentElement: { dataset: {}, style: { setProperty() {} } },
  };
  const context = vm.createContext({ window, document, console, performance, URLSearchParams });
  for (const name of names) {
    const path = new URL(`../../ui/assets/${name}.js`, import.meta.url);
    vm.runInContext(readFileSync(path, "utf8"), context, { filename: name });
  }
  return window.dash_clientside;
}

/** Values without the prototypes of the other realm, for deep comparison. */
export const plain = (value) => JSON.parse(JSON.stringify(value));
