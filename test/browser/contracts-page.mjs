/**
 * Opens docs/contracts/index.html in a real browser, wide and narrow, light and dark, and looks at what only a browser can
 * tell: that nothing is cut off, every link leads somewhere, text stands out, and nothing else is loaded.
 *
 *   node test/browser/contracts-page.mjs
 *
 * Ends with 1 and names what is wrong; with 3 where there is no browser.
 */
/* global document, getComputedStyle, innerHeight, innerWidth */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Chromium, findChromium } from './chromium.mjs';

const PAGE = new URL('../../docs/contracts/index.html', import.meta.url);
/** What text has to stand out by (WCAG 2, AA). */
const CONTRAST = 4.5;

const say = (line) => process.stdout.write(`${line}\n`);

/** Runs in the page. */
function look() {
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((value) =>
      value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const canvas = document.createElement('div');
  canvas.style.backgroundColor = 'Canvas';
  document.body.append(canvas);
  const behind = light(getComputedStyle(canvas).backgroundColor);
  canvas.remove();
  const contrast = (element) => {
    const own = light(getComputedStyle(element).color);
    return (Math.max(own, behind) + 0.05) / (Math.min(own, behind) + 0.05);
  };
  const name = (element) => `${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 40)}"`;
  const links = [...document.querySelectorAll('a[href]')];
  const scrolls = (element) => element.closest('pre') !== null;
  return {
    links: links.map((link) => link.getAttribute('href')),
    dead: links
      .map((link) => link.getAttribute('href'))
      .filter((href) => href.startsWith('#') && document.getElementById(href.slice(1)) === null),
    cutOff: [...document.querySelectorAll('main *, nav *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element))
      .map(name),
    faint: [...document.querySelectorAll('a, h1, h2, h3, p, li, dt, dd, td, summary, code')].map(
      (element) => ({ name: name(element), contrast: contrast(element) }),
    ),
    heading: document.querySelector('h1').getBoundingClientRect().top < innerHeight,
  };
}

async function faultsOf(browser, width, scheme) {
  const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
  const call = (method, params) => browser.send(method, params, sessionId);
  const faults = [];
  const loaded = new Promise((resolve) => {
    browser.onEvent(({ method, params, sessionId: of }) => {
      if (of !== sessionId) return;
      if (method === 'Page.loadEventFired') resolve();
      if (method === 'Network.requestWillBeSent' && params.request.url !== PAGE.href)
        faults.push(`it loads ${params.request.url}`);
      if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded')
        faults.push(`it complains: ${JSON.stringify(params.entry?.text ?? params.exceptionDetails?.text)}`);
    });
  });
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await call(`${domain}.enable`);
  const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: false };
  await call('Emulation.setDeviceMetricsOverride', metrics);
  await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  await call('Page.navigate', { url: PAGE.href });
  await loaded;
  const expression = `(${look.toString()})()`;
  const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  const { links, dead, cutOff, faint, heading } = result.value;
  const files = links.filter((href) => !href.startsWith('#'));
  if (files.length < 10) faults.push(`it has only ${files.length} links to files`);
  for (const href of files)
    if (!existsSync(fileURLToPath(new URL(href, PAGE)))) faults.push(`no file ${href}`);
  for (const href of dead) faults.push(`no place ${href}`);
  for (const name of cutOff) faults.push(`cut off at the right: ${name}`);
  for (const { name, contrast } of faint)
    if (contrast < CONTRAST) faults.push(`too faint, ${contrast.toFixed(1)} to 1: ${name}`);
  if (!heading) faults.push('its title is not on the first screen');
  await browser.send('Target.closeTarget', { targetId });
  return faults;
}

const executable = findChromium();
if (executable === undefined) {
  say('no Chromium here; the variable CHROMIUM may name one');
  process.exitCode = 3;
} else {
  const browser = new Chromium(executable);
  try {
    for (const width of [1280, 390]) {
      for (const scheme of ['light', 'dark']) {
        const faults = await faultsOf(browser, width, scheme);
        say(`${width} pixels, ${scheme}: ${faults.length === 0 ? 'no fault' : `${faults.length} faults`}`);
        for (const fault of faults.slice(0, 10)) say(`  ${fault}`);
        if (faults.length > 0) process.exitCode = 1;
      }
    }
  } finally {
    await browser.close();
  }
}
