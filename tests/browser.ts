/** A headless Chromium for tests. @module */

import { type Browser, chromium } from "playwright-core";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Path of a Chromium: that of BALANCEDBIO_CHROMIUM, else where it usually is; undefined where there is none. */
export function findChromium(): string | undefined {
  const given = Deno.env.get("BALANCEDBIO_CHROMIUM");
  if (given !== undefined) return given;
  return places.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** Starts it; the caller closes it. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium()!,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}
