// Judges pairs of OpenAPI documents with Optic and openapi-diff. Arguments: folders that contain old.yaml, new.yaml (3.1) and
// old-3.0.yaml, new-3.0.yaml. Prints a line for each folder and tool: folder, tool, verdict and codes, separated by tabs.
const fs = require('fs');
const path = require('path');

const modules = path.join(process.cwd(), 'node_modules');
const load = (name) => require(path.join(modules, name));
process.env.OPTIC_TELEMETRY_LEVEL = 'off';

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
    for (const [name, judge] of [['optic', optic], ['openapi-diff', openapiDiff]]) {
      const [verdict, codes] = await judge(folder).catch((error) => ['error', [String(error).split('\n')[0]]]);
      console.log([path.basename(folder), name, verdict, codes.join('; ')].join('\t'));
    }
  }
})();
