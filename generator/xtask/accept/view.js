// Opens every operation of a document in a viewer, in headless Chromium, and prints those of which the page shows the parameters, the
// request body and the responses. Fails if the page requests anything that is not a local file of the viewer, or reports an error.

const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { chromium } = require("playwright-core");
const yaml = require("js-yaml");

const [viewer, documentPath, browserPath] = process.argv.slice(2);
const modules = path.join(process.cwd(), "node_modules");
const document = yaml.load(fs.readFileSync(documentPath, "utf8"));

/** Each viewer: a page, the selector of an operation, and that of the button that opens and closes it. */
const VIEWERS = {
  redoc: {
    // Redoc shows its own logo from another server. This policy of the page leaves it out.
    head: `<meta http-equiv="Content-Security-Policy" content="img-src 'self' data:">`,
    body: `<redoc spec-url="/openapi.yaml"></redoc><script src="/redoc/bundles/redoc.standalone.js"></script>`,
    operation: ({ id }) => `[id="operation/${id}"]`,
  },
  "swagger-ui": {
    head: `<link rel="stylesheet" href="/swagger-ui-dist/swagger-ui.css">`,
    body: `<div id="ui"></div><script src="/swagger-ui-dist/swagger-ui-bundle.js"></script>
      <script>SwaggerUIBundle({ url: "/openapi.yaml", dom_id: "#ui", docExpansion: "list", validatorUrl: null });</script>`,
    operation: ({ id }) => `.opblock[id$="-${id}"]`,
    button: ".opblock-summary-control",
  },
  scalar: {
    head: "",
    body: `<div id="ui"></div><script src="/@scalar/api-reference/dist/browser/standalone.js"></script>
      <script>Scalar.createApiReference("#ui", { url: "/openapi.yaml", withDefaultFonts: false, telemetry: false, agent: { disabled: true }, showSidebar: false, defaultOpenAllTags: true, layout: "classic" });</script>`,
    operation: ({ method, path }) => `section[id$="/${method}${path}"]`,
    button: "button.section-accordion-button",
  },
};

function resolve(value) {
  const link = value.$ref?.slice(2).split("/");
  return link === undefined ? value : resolve(link.reduce((at, key) => at[key], document));
}

/** Returns the required fields of a request body; of alternatives, those of the first. */
function requiredFields(schema) {
  const { oneOf, anyOf, allOf, items, required } = resolve(schema);
  const first = (oneOf ?? anyOf)?.[0] ?? items;
  return [...(first ? requiredFields(first) : []), ...(allOf ?? []).flatMap(requiredFields), ...(required ?? [])];
}

/** Returns all operations with the texts that each must show. */
function operations() {
  const methods = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );
  return methods.map(({ path, method, operationId, summary, parameters, requestBody, responses }) => {
    const bodies = Object.entries(requestBody?.content ?? {});
    const expected = [
      summary,
      ...(parameters ?? []).map((parameter) => resolve(parameter).name),
      ...bodies.map(([mediaType]) => mediaType),
      ...bodies.flatMap(([, { schema }]) => requiredFields(schema)),
      ...Object.keys(responses),
    ];
    return { id: operationId, path, method, expected: expected.map((text) => text.replace(/\s+/g, " ")) };
  });
}

function serve() {
  const { head, body } = VIEWERS[viewer];
  const page = `<!doctype html><meta charset="utf-8"><title>${viewer}</title>${head}<body>${body}</body>`;
  const types = { ".js": "text/javascript", ".css": "text/css", ".yaml": "application/yaml" };
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = pathname === "/openapi.yaml" ? documentPath : path.join(modules, path.normalize(pathname));
    if (pathname === "/") {
      response.setHeader("content-type", "text/html");
      response.end(page);
    } else if (fs.existsSync(file) && fs.statSync(file).isFile()) {
      response.setHeader("content-type", types[path.extname(file)] ?? "application/octet-stream");
      fs.createReadStream(file).pipe(response);
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/**
 * Opens an operation, and closes it again, because pages with many open operations are slow. Returns the texts that it does not show,
 * or `undefined` if the page does not contain it. Runs in the page.
 */
async function inspect({ selector, button, expected }) {
  const section = window.document.querySelector(selector);
  if (section === null) return undefined;
  section.scrollIntoView();
  const press = () => button && section.querySelector(button)?.click();
  const missing = () => {
    const text = section.innerText.replace(/\s+/g, " ");
    return expected.filter((word) => !text.includes(word));
  };
  if (missing().length > 0) press();
  for (let attempt = 0; attempt < 600 && missing().length > 0; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    // The viewer has removed it, because the page has moved.
    if (!section.isConnected) return undefined;
  }
  const result = missing();
  press();
  return result;
}

/** Returns the operations that the page shows completely. Viewers only render what is near the visible part of the page. */
async function shown(tab) {
  const { operation, button } = VIEWERS[viewer];
  const remaining = new Map(operations().map((one) => [one.id, one]));
  const complete = [];
  for (let idle = 0; remaining.size > 0 && idle < 200; idle++) {
    for (const [id, one] of remaining) {
      const missing = await tab.evaluate(inspect, { selector: operation(one), button, expected: one.expected });
      if (missing === undefined) continue;
      idle = 0;
      remaining.delete(id);
      if (missing.length === 0) complete.push(id);
      else console.error(`${id} does not show: ${missing.join(", ")}`);
    }
    const before = await tab.evaluate(() => window.scrollY);
    await tab.mouse.wheel(0, 2000);
    await tab.waitForTimeout(250);
    // At the end, start again.
    await tab.evaluate((before) => window.scrollY === before && window.scrollTo(0, 0), before);
  }
  return complete;
}

async function main() {
  const server = await serve();
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu"] });
  const problems = [];
  try {
    const tab = await browser.newPage({ viewport: { width: 1400, height: 2000 } });
    await tab.route("**/*", (route) => {
      const url = route.request().url();
      if (url.startsWith(`${origin}/`) || /^(data|blob):/.test(url)) return route.continue();
      problems.push(`requests ${url}`);
      return route.abort();
    });
    tab.on("pageerror", (error) => problems.push(`fails: ${error.message}`));
    await tab.goto(`${origin}/`, { waitUntil: "load" });
    await tab.mouse.move(900, 1000);
    console.log((await shown(tab)).join("\n"));
  } finally {
    await browser.close();
    server.close();
  }
  if (problems.length > 0) {
    console.error([...new Set(problems)].join("\n"));
    process.exitCode = 1;
  }
}

main();
