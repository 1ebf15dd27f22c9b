// Opens a document in a viewer, in headless Chromium, and prints the operations that the page shows. Fails if the page requests
// anything that is not a local file of the viewer, or reports an error.

const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { chromium } = require("playwright-core");
const yaml = require("js-yaml");

const [viewer, documentPath, browserPath] = process.argv.slice(2);
const modules = path.join(process.cwd(), "node_modules");
const page = (head, body) => `<!doctype html><meta charset="utf-8"><title>${viewer}</title>${head}<body>${body}</body>`;
const VIEWERS = {
  redoc: page("", `<redoc spec-url="/openapi.yaml"></redoc><script src="/redoc/bundles/redoc.standalone.js"></script>`),
  "swagger-ui": page(
    `<link rel="stylesheet" href="/swagger-ui-dist/swagger-ui.css">`,
    `<div id="ui"></div><script src="/swagger-ui-dist/swagger-ui-bundle.js"></script>
     <script>SwaggerUIBundle({ url: "/openapi.yaml", dom_id: "#ui", docExpansion: "list", validatorUrl: null });</script>`,
  ),
  scalar: page(
    "",
    `<div id="ui"></div><script src="/@scalar/api-reference/dist/browser/standalone.js"></script>
     <script>Scalar.createApiReference("#ui", { url: "/openapi.yaml", withDefaultFonts: false, telemetry: false, agent: { disabled: true }, showSidebar: false, defaultOpenAllTags: true, layout: "classic" });</script>`,
  ),
};

/** Requests of the viewers themselves, which the viewers do without. */
const TOLERATED = ["https://cdn.redoc.ly/redoc/logo-mini.svg"];

function serve() {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const files = { "/openapi.yaml": documentPath };
    const file = files[pathname] ?? path.join(modules, path.normalize(pathname));
    const types = { ".js": "text/javascript", ".css": "text/css", ".yaml": "application/yaml" };
    if (pathname === "/") {
      response.setHeader("content-type", "text/html");
      response.end(VIEWERS[viewer]);
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

/** Returns the operations whose titles are visible. A viewer may only render what is scrolled into view. */
async function shown(tab, operations) {
  const missing = new Map(operations.map((operation) => [operation.id, operation]));
  let idle = 0;
  while (missing.size > 0 && idle < 40) {
    const text = (await tab.evaluate(() => document.body.innerText)).replace(/\s+/g, " ");
    const before = missing.size;
    for (const [id, { title }] of missing) {
      if (text.includes(title)) missing.delete(id);
    }
    idle = missing.size < before ? 0 : idle + 1;
    await tab.mouse.wheel(0, 4000);
    await tab.waitForTimeout(250);
  }
  return operations.filter(({ id }) => !missing.has(id)).map(({ id }) => id);
}

async function main() {
  const content = yaml.load(fs.readFileSync(documentPath, "utf8"));
  const operations = Object.values(content.paths)
    .flatMap((item) => Object.values(item))
    .map(({ operationId, summary }) => ({ id: operationId, title: summary.replace(/\s+/g, " ") }));
  const server = await serve();
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu"] });
  const problems = [];
  try {
    const tab = await browser.newPage({ viewport: { width: 1400, height: 2000 } });
    await tab.route("**/*", (route) => {
      const url = route.request().url();
      if (url.startsWith(`${origin}/`) || /^(data|blob):/.test(url)) return route.continue();
      if (!TOLERATED.includes(url)) problems.push(`requests ${url}`);
      return route.abort();
    });
    tab.on("pageerror", (error) => problems.push(`fails: ${error.message}`));
    await tab.goto(`${origin}/`, { waitUntil: "load" });
    await tab.mouse.move(900, 1000);
    console.log((await shown(tab, operations)).join("\n"));
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
