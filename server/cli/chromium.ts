/** Browser tests drive Debian's Chromium, or one that Playwright or the machine already has. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const candidates = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
]

/** Path of a Chromium, or undefined. */
export function findChromium(): string | undefined {
  return candidates.find((path) => existsSync(path))
}

/** Installs Debian's Chromium where that is possible; throws with what to do where it is not. */
export function ensureChromium(): string {
  const found = findChromium()
  if (found) return found
  const remedy = 'install Chromium (Debian, Ubuntu: "apt-get install chromium") and run this again'
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`Browser tests need Chromium: ${remedy}`)
  console.error('sallyport: installing Chromium for the browser tests')
  const packages = ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation']
  // A machine whose lists are old, or were never fetched, needs an update first.
  const installed = apt(packages) || (apt(['update']) && apt(packages))
  const path = findChromium()
  if (!installed || !path) throw new Error(`Chromium could not be installed: ${remedy}`)
  return path
}

function apt(args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', ['-qq', ...args], { stdio: 'inherit', env }).status === 0
}
