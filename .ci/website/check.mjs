// Checks every page of the website in headless Chromium, in both widths and color schemes:
//
//     node check.mjs SITE [CHROMIUM]
//
// * nothing is wider than the screen, and no table scrolls
// * every text has the contrast that WCAG 2 AA requires
// * no script fails, and no link of the rendered pages is dead
// * tabs, links to other languages and search work
import { readFile, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, resolve } from "node:path";

import { chromium } from "playwright-core";

const [site, executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
const root = resolve(site);

const NARROW = { width: 390, height: 844 };
const WIDE = { width: 1280, height: 900 };
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
// A copy of all pages for printing, the sidebar for browsers without scripts, and a redirect.
const SKIPPED = ["print.html", "toc.html", "README.html"];

const problems = [];
const report = (page, problem) => problems.push(`${page}: ${problem}`);

const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    try {
        const content = await readFile(join(root, path));
        response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream" }).end(content);
    } catch {
        response.writeHead(404).end();
    }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}/`;

const files = (await readdir(root, { recursive: true })).sort();
const pages = files.filter((file) => file.endsWith(".html") && !SKIPPED.some((name) => file.endsWith(name)));
// The ids and links of each page.
const ids = new Map();
const links = new Map();

/** Returns descriptions of elements that do not fit. Runs in the page. */
function findOverflow() {
    const describe = (element) => `<${element.localName}> ${element.textContent.trim().slice(0, 60)}`;
    const found = [];
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth > clientWidth) {
        found.push(`the page is ${scrollWidth} px wide`);
    }
    const scrolls = (element) => element && (["auto", "scroll"].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    for (const element of document.querySelectorAll("main *")) {
        if (element.checkVisibility() && element.getBoundingClientRect().right > clientWidth + 1 && !scrolls(element.parentElement)) {
            found.push(`${describe(element)} ends at ${Math.round(element.getBoundingClientRect().right)} px`);
        }
    }
    for (const wrapper of document.querySelectorAll(".table-wrapper")) {
        if (wrapper.scrollWidth > wrapper.clientWidth + 1) {
            found.push(`a table is ${wrapper.scrollWidth} px wide: ${describe(wrapper)}`);
        }
    }
    return found;
}

/** Returns texts with too little contrast, one for each pair of colors. Runs in the page. */
function findFaintTexts() {
    const parse = (color) => {
        const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
        return { rgb: [red, green, blue], alpha };
    };
    const over = ({ rgb, alpha }, below) => rgb.map((value, i) => value * alpha + below[i] * (1 - alpha));
    const canvas = document.createElement("div");
    canvas.style.background = "Canvas";
    document.body.append(canvas);
    const backgrounds = new Map([[null, parse(getComputedStyle(canvas).backgroundColor).rgb]]);
    canvas.remove();
    const background = (element) => {
        if (!backgrounds.has(element)) {
            const color = parse(getComputedStyle(element).backgroundColor);
            backgrounds.set(element, over(color, background(element.parentElement)));
        }
        return backgrounds.get(element);
    };
    const luminance = (rgb) => {
        const [red, green, blue] = rgb.map((value) => value / 255).map((value) =>
            value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const found = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        const isShown = node.textContent.trim() && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
        if (!isShown || element.matches("script, style, template, noscript")) {
            continue;
        }
        const style = getComputedStyle(element);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        const behind = background(element);
        const [dark, light] = [over(parse(style.color), behind), behind].map(luminance).sort((a, b) => a - b);
        const contrast = (light + 0.05) / (dark + 0.05);
        if (contrast < (isLarge ? 3 : 4.5)) {
            const colors = `${style.color} on rgb(${behind.map(Math.round)})`;
            found.set(colors, `contrast ${contrast.toFixed(2)} of ${colors}: ${node.textContent.trim().slice(0, 40)}`);
        }
    }
    return [...found.values()];
}

/** Waits until styles and layout are up to date. */
function settle(page) {
    return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function reportFaintTexts(page, path) {
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await settle(page);
        for (const text of await page.evaluate(findFaintTexts)) {
            report(path, `${colorScheme}: ${text}`);
        }
    }
}

async function checkPage(browser, path) {
    for (const viewport of [NARROW, WIDE]) {
        const page = await browser.newPage({ viewport });
        page.on("pageerror", (error) => report(path, error.message));
        page.on("response", (response) => response.ok() || report(path, `${response.status()} ${response.url()}`));
        await page.goto(base + path);
        for (const overflow of await page.evaluate(findOverflow)) {
            report(path, `${viewport.width} px: ${overflow}`);
        }
        if (viewport === WIDE) {
            await reportFaintTexts(page, path);
            ids.set(path, new Set(await page.evaluate(() => [...document.querySelectorAll("[id]")].map((element) => element.id))));
            links.set(path, await page.evaluate(() => [...document.querySelectorAll("a[href]")].map((link) => link.href)));
        }
        await page.close();
    }
}

function checkLinks() {
    for (const [path, targets] of links) {
        for (const target of targets.filter((target) => target.startsWith(base))) {
            const { pathname, hash } = new URL(target);
            const file = decodeURIComponent(pathname.slice(1));
            const anchor = decodeURIComponent(hash.slice(1));
            if (!files.includes(file) || (anchor && ids.has(file) && !ids.get(file).has(anchor))) {
                report(path, `dead link to ${file}${hash}`);
            }
        }
    }
}

/** Runs a test of what the script of the website does. */
async function test(browser, path, name, viewport, body) {
    const page = await browser.newPage({ viewport });
    try {
        await page.goto(base + path);
        await body(page, (condition, message) => condition || report(path, `${name}: ${message}`));
    } catch (error) {
        report(path, `${name}: ${error.message}`);
    }
    await page.close();
}

async function testTabs(page, expect) {
    const first = page.locator(".tabs").first();
    const shown = () => first.locator("[role=tabpanel]:visible code").getAttribute("class");
    const before = await shown();
    await first.getByRole("tab").nth(1).click();
    const clicked = await shown();
    await page.keyboard.press("ArrowRight");
    const pressed = await shown();
    expect(new Set([before, clicked, pressed]).size === 3, `shows ${before}, ${clicked}, ${pressed}`);
    await page.reload();
    expect((await shown()) === pressed, "forgets the selected language");
}

async function testLanguageLink(page, expect) {
    const anchor = page.locator("main a[id]").nth(3);
    const id = await anchor.getAttribute("id");
    await page.evaluate((id) => document.getElementById(id).scrollIntoView(), id);
    // Scrolling up shows the bar.
    await settle(page);
    await page.mouse.wheel(0, -120);
    await page.waitForFunction(() => document.getElementById("mdbook-menu-bar").getBoundingClientRect().top >= 0);
    // The bar moves when the pointer is on it, and Playwright would scroll.
    const link = page.locator(".language").first();
    for (const act of [page.mouse.move, page.mouse.click]) {
        const { x, y, width, height } = await link.boundingBox();
        await act.call(page.mouse, x + width / 2, y + height / 2);
    }
    await page.waitForURL(/#/, { timeout: 5000 });
    expect(new URL(page.url()).hash === `#${id}`, `leads to ${page.url()} instead of #${id}`);
    const top = await page.evaluate((id) => document.getElementById(id).getBoundingClientRect().top, id);
    expect(top >= 0 && top < 400, `#${id} is at ${top} px`);
}

async function testSearch(page, expect) {
    // The title of the first section below the title of the page.
    const term = (await page.locator("main h2").first().textContent()).trim();
    await page.goto(`${page.url().split("#")[0]}?search=${encodeURIComponent(term)}`);
    const results = page.locator("#mdbook-searchresults li");
    await results.first().waitFor({ timeout: 5000 });
    const header = await page.locator("#mdbook-searchresults-header").textContent();
    expect(header.includes(`“${term}”`), `the header is ${header}`);
    await reportFaintTexts(page, new URL(page.url()).pathname.slice(1));
}

const started = Date.now();
// The sandbox of Chromium does not support root.
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const queue = [...pages];
const work = async () => {
    for (let path = queue.shift(); path; path = queue.shift()) {
        await checkPage(browser, path);
    }
};
await Promise.all([work(), work()]);
checkLinks();
// One page of each language is enough for these.
const withTabs = pages.filter((path) => ids.get(path)?.has("tab-0-1"));
const tested = [...new Map(withTabs.map((path) => [dirname(path), path])).values()];
for (const path of tested) {
    await test(browser, path, "tabs", WIDE, testTabs);
    await test(browser, path, "language", NARROW, testLanguageLink);
    await test(browser, path, "search", WIDE, testSearch);
}
if (tested.length === 0) {
    report("all pages", "no page has samples");
}
await browser.close();
server.close();
for (const problem of problems) {
    console.error(problem);
}
console.log(`${pages.length} pages, ${problems.length} problems, ${Math.round((Date.now() - started) / 1000)} s`);
process.exitCode = problems.length === 0 ? 0 : 1;
