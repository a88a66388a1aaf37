import { join } from 'node:path'
import { tableText } from '@/server/stack/report-table'
import { measuredPages, type MeasuredPage } from './pages/addresses'
import { type BrowserFigures, openBrowser } from './pages/browser'
import { takePictures } from './pages/pictures'
import { serverTime } from './pages/server-time'
import { openPagesWorkplace, type PagesWorkplace } from './pages/workplace'

export type PagesBenchOptions = {
  dataDir: string
  only: string | undefined
  rounds: number
  /** Where pictures of every page go, on both screens and in both themes. */
  pictures: string | undefined
}

/** Budgets of the interface: what a page may cost. */
const aims = { serverMs: 300, scriptBytes: 200_000, layoutShift: 0, largestPaintMs: 1500 }
/** Requests per page, of which the median counts. */
const requests = 11

type Figures = BrowserFigures & { serverMs: number }

/** Each page of a busy factory (2,000 runs, 200 pipelines, 40 nodes) against its budget. Answers whether all keep it. */
export async function benchPages({ dataDir, only, rounds, pictures }: PagesBenchOptions): Promise<boolean> {
  const folder = join(dataDir, 'pages')
  const workplace = await openPagesWorkplace(folder)
  try {
    const measured = await measureAll(workplace, { only, rounds, pictures })
    console.log(
      tableText(
        ['page', 'server', 'script', 'largest paint', 'layout shift', 'misses'],
        measured.map(({ page, figures }) => row(page.name, figures)),
      ),
    )
    console.log(
      '\naims: server ≤ 300 ms, script ≤ 200 kB (compressed), largest paint ≤ 1.5 s, layout shift 0',
    )
    return measured.every(({ figures }) => misses(figures).length === 0)
  } finally {
    await workplace.close()
  }
}

async function measureAll(
  workplace: PagesWorkplace,
  { only = '', rounds, pictures }: Omit<PagesBenchOptions, 'dataDir'>,
): Promise<{ page: MeasuredPage; figures: Figures }[]> {
  const { portal } = workplace.stack
  const signedIn = await openBrowser(workplace.stack)
  const { browser, cookie, measure } = signedIn
  try {
    const measured: { page: MeasuredPage; figures: Figures }[] = []
    for (const page of measuredPages(workplace)) {
      if (!page.name.toLowerCase().includes(only.toLowerCase())) continue
      const serverMs = await serverTime(page, { origin: portal.publicUrl, cookie, rounds: requests })
      measured.push({ page, figures: { serverMs, ...(await measure(page, rounds)) } })
      const tooWide = pictures === undefined ? [] : await takePictures(signedIn, page, pictures)
      process.stderr.write(
        `measured ${page.name}${tooWide.map((look) => `, wider than the screen: ${look}`).join('')}\n`,
      )
    }
    return measured
  } finally {
    await browser.close()
  }
}

function row(name: string, figures: Figures): string[] {
  return [
    name,
    `${Math.round(figures.serverMs)} ms`,
    `${Math.round(figures.scriptBytes / 1000)} kB`,
    `${(figures.largestPaintMs / 1000).toFixed(2)} s`,
    figures.layoutShift.toFixed(2),
    misses(figures).join(', '),
  ]
}

function misses({ serverMs, scriptBytes, layoutShift, largestPaintMs }: Figures): string[] {
  return [
    ...(serverMs <= aims.serverMs ? [] : ['server']),
    ...(scriptBytes <= aims.scriptBytes ? [] : ['script']),
    ...(largestPaintMs <= aims.largestPaintMs ? [] : ['largest paint']),
    // Said to two digits, as browsers' own reports do.
    ...(layoutShift < aims.layoutShift + 0.005 ? [] : ['layout shift']),
  ]
}
