// Judges pairs of OpenAPI documents with Optic and openapi-diff. Arguments: folders that contain old.yaml, new.yaml (3.1) and
// old-3.0.yaml, new-3.0.yaml. Prints a line for each folder and tool: folder, tool, verdict and codes, separated by tabs.
const fs = require('fs');
const path = require('path');

const modules = path.join(process.cwd(), 'node_modules');
const load = (name) => require(path.join(modules, name));
process.env.OPTIC_TELEMETRY_LEVEL = 'off';

// Replaces references by what they refer to.
function resolve(value, root) {
  if (Array.isArray(value)) return value.map((item) => resolve(item, root));
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.$ref === 'string') {
    return resolve(value.$ref.slice(2).split('/').reduce((node, key) => node[key], root), root);
  }
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolve(child, root)]));
}

// Removes the operations that are the same in both documents, because the tools are slow.
function reduce(folder, suffix) {
  const yaml = load('js-yaml');
  const files = ['old', 'new'].map((side) => path.join(folder, `${side}${suffix}.yaml`));
  const [before, after] = files.map((file) => {
    const { components, ...root } = yaml.load(fs.readFileSync(file, 'utf8'));
    const resolved = resolve(root, { components, ...root });
    return { ...resolved, components: { securitySchemes: components.securitySchemes || {} } };
  });
  for (const route of Object.keys(after.paths)) {
    for (const method of Object.keys(after.paths[route])) {
      const operations = [before, after].map((document) => JSON.stringify((document.paths[route] || {})[method]));
      if (operations[0] === operations[1]) [before, after].forEach((document) => delete document.paths[route][method]);
    }
  }
  [before, after].forEach((document, index) => {
    document.paths = Object.fromEntries(Object.entries(document.paths).filter(([, item]) => Object.keys(item).length > 0));
    fs.writeFileSync(files[index], JSON.stringify(document));
  });
}

async function optic(folder) {
  const { loadSpec } = load('@useoptic/optic/build/utils/spec-loaders');
  const { compute } = load('@useoptic/optic/build/commands/diff/compute');
  const { initializeConfig } = load('@useoptic/optic/build/config');
  const config = await initializeConfig();
  const specs = await Promise.all(
    ['old.yaml', 'new.yaml'].map((file) => loadSpec(path.join(folder, file), config, { strict: true, denormalize: true })),
  );
  const { specResults } = await compute(specs, config, { check: true, path: path.join(folder, 'new.yaml') });
  const failed = specResults.results.filter((result) => !result.passed && !result.exempted && result.severity >= 2);
  const verdict = failed.length > 0 ? 'breaking' : specResults.diffs.length > 0 ? 'compatible' : 'unaffected';
  return [verdict, [...new Set(failed.map((result) => result.name))]];
}

async function openapiDiff(folder) {
  const spec = (file) => ({ content: fs.readFileSync(path.join(folder, file), 'utf8'), location: file, format: 'openapi3' });
  const result = await load('openapi-diff').diffSpecs({ sourceSpec: spec('old-3.0.yaml'), destinationSpec: spec('new-3.0.yaml') });
  const breaking = result.breakingDifferences || [];
  const others = [...result.nonBreakingDifferences, ...result.unclassifiedDifferences];
  const verdict = breaking.length > 0 ? 'breaking' : others.length > 0 ? 'compatible' : 'unaffected';
  return [verdict, [...new Set(breaking.map((difference) => difference.code))]];
}

(async () => {
  for (const folder of process.argv.slice(2)) {
    ['', '-3.0'].forEach((suffix) => reduce(folder, suffix));
    for (const [name, judge] of [['optic', optic], ['openapi-diff', openapiDiff]]) {
      const [verdict, codes] = await judge(folder).catch((error) => ['error', [String(error).split('\n')[0]]]);
      console.log([path.basename(folder), name, verdict, codes.join('; ')].join('\t'));
    }
  }
})();
