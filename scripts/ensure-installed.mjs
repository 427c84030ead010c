/*
 * Runs before `npm start` and `npm test` (pre… scripts), and with --installed at the end of `npm ci` (prepare): installs
 * when needed, builds when needed, says so on stderr. Node's own modules only.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installReason, isAtLeast, missingTools } from './install-state.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const PACKAGES = ['protocol', 'device', 'controller', 'simulators']
const RUNTIME_STAMP = join(ROOT, 'node_modules', '.ankang-runtime')
const RUNTIME = `Node ABI ${process.versions.modules} on ${process.platform} ${process.arch}`
const PROGRESS_MS = 15_000

const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`)

/** @returns {never} */
function stop(/** @type {readonly string[]} */ lines) {
  for (const line of lines) say(line)
  process.exit(1)
}

const readJson = (/** @type {string} */ path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))
const readIfThere = (/** @type {string} */ path) => (existsSync(path) ? readFileSync(path, 'utf8') : null)
const has = (/** @type {string} */ command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0

function checkNode() {
  const wanted = readJson('package.json').engines.node
  if (isAtLeast(process.versions.node, wanted)) return
  stop([
    `需要 Node ${wanted}，当前是 ${process.versions.node}。请从 https://nodejs.org 安装新版本。`,
    `Node ${wanted} is needed, this is ${process.versions.node}. Install a newer one from https://nodejs.org.`,
  ])
}

function reasonToInstall() {
  const installed = readIfThere(join(ROOT, 'node_modules', '.package-lock.json'))
  return installReason({
    lock: readJson('package-lock.json'),
    installed: installed === null ? null : JSON.parse(installed),
    runtime: RUNTIME,
    installedRuntime: readIfThere(RUNTIME_STAMP),
  })
}

/** Everything the child prints goes to stderr: stdout belongs to the program that was asked for. */
async function run(
  /** @type {string} */ command,
  /** @type {readonly string[]} */ args,
  /** @type {string} */ progress,
  /** @type {number} */ startedMs = Date.now(),
) {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', process.stderr, process.stderr] })
  const ticking = setInterval(() => say(`… ${progress} ${Math.round((Date.now() - startedMs) / 1000)} s`), PROGRESS_MS)
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => resolve(code ?? 1))
  })
  clearInterval(ticking)
  return status
}

async function install(/** @type {string} */ reason) {
  const missing = missingTools(has)
  if (missing.length > 0) stop(missing)
  say(`安装依赖（${reason}）。首次要编译 SQLite，约需两三分钟。`)
  say(`Installing dependencies (${reason}). SQLite is compiled here: two or three minutes the first time.`)
  const npm = process.env['npm_execpath']
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund']
  const status =
    npm === undefined ? await run('npm', args, 'npm ci') : await run(process.execPath, [npm, ...args], 'npm ci')
  if (status !== 0) {
    stop([
      '安装未完成，原因见上。请检查网络和编译工具，然后重试。',
      'The installation did not finish; the reason stands above. Check network and compiler, then try again.',
    ])
  }
}

/** Fast when nothing changed: the compiler compares before it writes. */
async function build() {
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  if (!existsSync(compiler)) return
  if (!PACKAGES.every(name => existsSync(join(ROOT, name, 'dist')))) say('构建中 · Building …')
  const status = await run(process.execPath, [compiler, '-b', ...PACKAGES], 'tsc -b')
  if (status !== 0) stop(['构建失败，原因见上。', 'The build failed; the reason stands above.'])
}

checkNode()
const calledByInstall = process.argv.includes('--installed')
if (!calledByInstall) {
  const reason = reasonToInstall()
  if (reason !== null) await install(reason)
}
writeFileSync(RUNTIME_STAMP, RUNTIME)
await build()
