// Opens a report in a real browser: light and dark, wide and narrow, with and without scripts.
//
//   npm install playwright-core
//   node tests/tools/browser/page.mjs report.html FOLDER [/usr/bin/chromium]
//
// Screenshots go into FOLDER; it fails where something does not work.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const { chromium } = createRequire(resolve("package.json"))("playwright-core");
const [report, folder, executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
const url = pathToFileURL(resolve(report)).href;
const quiet = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const browser = await chromium.launch({ executablePath, args: quiet });

async function open(options) {
  const page = await browser.newPage(options);
  const asked = [];
  const errors = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(url);
  assert.deepEqual(asked, [url], "nothing else is fetched");
  return { page, errors };
}

for (const colorScheme of ["light", "dark"]) {
  for (const [name, width] of [["wide", 1280], ["narrow", 390]]) {
    const { page, errors } = await open({ colorScheme, viewport: { width, height: 900 } });
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(sideways <= 0, `${name}: the page is ${sideways} px wider than the window`);
    assert.deepEqual(errors, []);
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` });
    await page.close();
  }
}

const { page, errors } = await open({ viewport: { width: 1280, height: 900 } });
const visible = () => page.locator(".finding:visible").count();
const all = await visible();
assert.ok(all > 0, "there are findings");
const severity = await page.locator(".finding").first().getAttribute("data-severity");
await page.selectOption("select[name=severity]", severity);
await page.waitForFunction((count) => document.getElementById("shown").value.endsWith(` of ${count}`), all);
const some = await visible();
assert.equal(some, await page.locator(`.finding[data-severity="${severity}"]`).count());
await page.fill("input[name=search]", "no finding says this");
await page.waitForFunction(() => document.getElementById("shown").value.startsWith("0 of"));
assert.equal(await visible(), 0);
await page.click("button[type=reset]");
await page.waitForFunction((count) => document.getElementById("shown").value === `${count} of ${count}`, all);
assert.equal(await visible(), all);
await page.click("#open-all");
assert.equal(await page.locator(".finding details:not([open])").count(), 0);
await page.screenshot({ path: `${folder}/evidence.png`, fullPage: true });
assert.deepEqual(errors, []);

const plain = await open({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
assert.equal(await plain.page.locator(".finding:visible").count(), all, "all there without scripts");
assert.equal(await plain.page.locator(".filter:visible").count(), 0, "no filter without scripts");
const details = plain.page.locator(".finding details").first();
await details.locator("summary").click();
assert.ok(await details.locator("li").first().isVisible(), "evidence opens without scripts");
await plain.page.screenshot({ path: `${folder}/no-script.png` });
await browser.close();
console.log(`${all} findings: filter, evidence, two widths, two themes, no scripts: fine`);
