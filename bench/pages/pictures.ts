import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { MeasuredPage } from './addresses'
import type { SignedInBrowser } from './browser'

/** The screens and themes in which a page must look finished (interface.md). */
const looks = {
  desktop: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  'phone-dark': { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
} as const

/** Pictures of a page for somebody to look at. Answers in which looks it is wider than its screen. */
export async function takePictures(
  { open }: Pick<SignedInBrowser, 'open'>,
  page: MeasuredPage,
  folder: string,
): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const name = page.name.toLowerCase().replaceAll(/[^a-z]+/g, '-')
  const tooWide: string[] = []
  for (const [look, as] of Object.entries(looks)) {
    const opened = await open(page, as)
    await opened.screenshot({ path: join(folder, `${name}.${look}.png`), fullPage: true })
    if (await opened.evaluate(isTooWide)) tooWide.push(look)
    await opened.context().close()
  }
  return tooWide
}

/** Runs in the page. */
function isTooWide(): boolean {
  const { scrollWidth, clientWidth } = document.documentElement
  return scrollWidth > clientWidth
}
