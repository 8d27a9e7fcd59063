import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const folder = join(import.meta.dirname, "../.cache/chromium");

/** Starts the headless Chromium that `node src/setup/run.mjs --tests` unpacked, or the one that NEUROMETRY_CHROMIUM names. */
export async function openBrowser(): Promise<Browser> {
  const environment = { LD_LIBRARY_PATH: join(folder, "lib"), FONTCONFIG_FILE: join(folder, "fonts.conf") };
  return await chromium.launch({
    executablePath: process.env.NEUROMETRY_CHROMIUM ?? join(folder, "chromium"),
    args: ["--no-sandbox", "--no-zygote", "--disable-gpu", "--font-render-hinting=none"],
    env: { ...process.env, ...(process.env.NEUROMETRY_CHROMIUM ? {} : environment) },
    timeout: 0,
  });
}

/** Opens a page that waits as long as its test may take, like the start of the browser: a busy machine needs more than 30 s. */
export async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  return page;
}
