import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright'
import { paths } from '@/lib/paths'
import { findChromium } from '@/server/cli/chromium'
import { ownerEmail, type Stack } from '@/server/stack/stack'
import { median } from '../quantile'
import type { MeasuredPage } from './addresses'

export type BrowserFigures = { scriptBytes: number; layoutShift: number; largestPaintMs: number }
export type SignedInBrowser = {
  browser: Browser
  /** As the header of a request says it. */
  cookie: string
  /** A browser of its own, with an empty cache. */
  open: (page: MeasuredPage, as?: BrowserContextOptions) => Promise<Page>
  measure: (page: MeasuredPage, rounds: number) => Promise<BrowserFigures>
}

const viewport = { width: 1440, height: 900 }

/** A real Chromium whose every look at a page begins with an empty cache. */
export async function openBrowser(stack: Stack): Promise<SignedInBrowser> {
  const executablePath = findChromium()
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
  const open = { baseURL: stack.portal.localUrl, ignoreHTTPSErrors: true, viewport }
  const first = await browser.newContext(open)
  await signIn(first, stack.ownerPassword)
  const storageState = await first.storageState()
  const cookie = storageState.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  await first.close()

  async function openPage({ path, signedOut }: MeasuredPage, as: BrowserContextOptions = {}) {
    const context = await browser.newContext({ ...open, ...(signedOut ? {} : { storageState }), ...as })
    const page = await context.newPage()
    await page.goto(path)
    await page.waitForLoadState('networkidle')
    return page
  }
  async function measure(measured: MeasuredPage, rounds: number): Promise<BrowserFigures> {
    const looks: BrowserFigures[] = []
    for (let round = 0; round < rounds; round += 1) {
      const page = await openPage(measured)
      looks.push(await look(page))
      await page.context().close()
    }
    const of = (figure: keyof BrowserFigures) => median(looks.map((one) => one[figure]))
    // A page that moves once in three looks moves.
    const layoutShift = Math.max(...looks.map((one) => one.layoutShift))
    return { scriptBytes: of('scriptBytes'), layoutShift, largestPaintMs: of('largestPaintMs') }
  }
  return { browser, cookie, open: openPage, measure }
}

async function signIn(context: BrowserContext, password: string): Promise<void> {
  const page = await context.newPage()
  await page.goto(paths.signIn())
  await page.getByLabel('E-mail address').fill(ownerEmail)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(/\/factories$/)
}

async function look(page: Page): Promise<BrowserFigures> {
  const paints = await page.evaluate(observed, 'largest-contentful-paint' as const)
  const shifts = await page.evaluate(observed, 'layout-shift' as const)
  return {
    scriptBytes: await page.evaluate(scriptBytes),
    layoutShift: shifts.reduce((sum, value) => sum + value, 0),
    largestPaintMs: paints.at(-1) ?? Number.NaN,
  }
}

/** Runs in the page: what the browser itself noted while it loaded. */
function observed(type: 'largest-contentful-paint' | 'layout-shift'): Promise<number[]> {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const entries = list.getEntries() as (PerformanceEntry & { value?: number })[]
      resolve(entries.map((entry) => (type === 'layout-shift' ? (entry.value ?? 0) : entry.startTime)))
    }).observe({ type, buffered: true })
    // Where there was nothing, nobody is called.
    setTimeout(() => resolve([]), 300)
  })
}

/** Runs in the page: every script that came, as it came over the wire. */
function scriptBytes(): number {
  return performance
    .getEntriesByType('resource')
    .filter((entry): entry is PerformanceResourceTiming => /\.js(\?|$)/.test(entry.name))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
}
