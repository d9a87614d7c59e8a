// Makes build/viewer out of src/ and the packages in .node/; `make viewer` starts it.
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const here = import.meta.dirname;
const root = path.join(here, '..', '..');
const modules = path.join(root, '.node', 'node_modules');
const out = path.join(root, 'build', 'viewer');
const { build } = createRequire(path.join(modules, 'x'))('esbuild');

// Expressions of Studio ("> primary | seriesByName('x')") that fail give undefined and say nothing, so a misspelt
// function or field is an empty panel. Each evaluation is told to globalThis.__dsl(expression, scopes, value, error).
let patched = 0;
const tellExpressions = {
    name: 'tell-expressions',
    setup({ onLoad }) {
        onLoad({ filter: /@splunk\/visualization-encoding\/.*\.js$/ }, async ({ path: file }) => {
            const contents = (await readFile(file, 'utf8')).replace(
                /return execOptionsPipelineValue;\s*\} catch \((\w+)\) \{\s*return void 0;/g,
                (_, error) => {
                    patched += 1;
                    return (
                        'globalThis.__dsl?.(dsl, scopes, execOptionsPipelineValue); return execOptionsPipelineValue; } ' +
                        `catch (${error}) { globalThis.__dsl?.(dsl, scopes, undefined, ${error}); return void 0;`
                    );
                }
            );
            return { contents, loader: 'js' };
        });
    },
};

// A package that is loaded at run time, since it does not stand being bundled.
const besides = (name, file) => ({
    name,
    setup: ({ onResolve }) => onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: file, external: true })),
});

// On each page the core checks the definition in a worker, for a second of processor time and with an answer that comes
// late. validate.cjs says the same and more, before anything is drawn.
const unvalidated = {
    name: 'unvalidated',
    setup({ onResolve, onLoad }) {
        onResolve({ filter: /^@splunk\/dashboard-validation$/ }, () => ({ path: 'none', namespace: 'unvalidated' }));
        onLoad({ filter: /.*/, namespace: 'unvalidated' }, () => ({ contents: 'export const Validator = () => null;' }));
    },
};

const common = {
    absWorkingDir: root,
    nodePaths: [modules],
    bundle: true,
    jsx: 'transform',
    define: { 'process.env.NODE_ENV': '"production"' },
    loader: Object.fromEntries(['woff2', 'woff', 'png', 'svg', 'ttf'].map((kind) => [`.${kind}`, 'dataurl'])),
    logLevel: 'warning',
    plugins: [tellExpressions],
};

await mkdir(out, { recursive: true });
await build({
    ...common,
    entryPoints: [path.join(here, 'src', 'main.jsx')],
    outfile: path.join(out, 'main.js'),
    format: 'iife',
    platform: 'browser',
    target: 'chrome120',
    plugins: [tellExpressions, unvalidated],
    define: { ...common.define, global: 'window' },
});
if (!patched) {
    throw new Error('@splunk/visualization-encoding has changed: failing expressions would stay hidden');
}
await build({
    ...common,
    entryPoints: [path.join(here, 'src', 'validate.js')],
    outfile: path.join(out, 'validate.cjs'),
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    mainFields: ['browser', 'main', 'module'],
    inject: [path.join(here, 'src', 'node-shims.js')],
    plugins: [tellExpressions, besides('happy-dom', path.join(modules, 'happy-dom', 'lib', 'index.js'))],
});
await copyFile(path.join(modules, 'requirejs', 'require.js'), path.join(out, 'require.js'));
await copyFile(path.join(modules, 'axe-core', 'axe.min.js'), path.join(out, 'axe.js'));
