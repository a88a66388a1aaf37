import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test as base } from '@playwright/test'
import { faults, watchPages } from './faults'
import { type PortalUnderTest, portalUnderTest } from './portal'

/**
 * Playwright's test with the portal as base address and its owner signed in. Fails where any page broke the
 * Content-Security-Policy or threw.
 */
export const test = base.extend<{ portal: PortalUnderTest; pageFaults: string[] }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern
  portal: async ({}, use) => use(portalUnderTest()),
  baseURL: async ({ portal }, use) => use(portal.url),
  pageFaults: [
    async ({ context }, use) => {
      faults.length = 0
      watchPages(context)
      await use(faults)
      expect(faults).toEqual([])
    },
    { auto: true },
  ],
})

/** The rules that look at colours: all that a theme can change. */
const rulesOfColour = ['color-contrast', 'link-in-text-block']

/** Nothing that axe knows of is wrong with the page, in the dark theme neither. */
export async function expectAccessible(page: Page): Promise<void> {
  await expectNoViolations(page, 'light')
  await expectNoViolations(page, 'dark', rulesOfColour)
  await page.emulateMedia({ colorScheme: null })
}

async function expectNoViolations(
  page: Page,
  colorScheme: 'light' | 'dark',
  rules?: string[],
): Promise<void> {
  await page.emulateMedia({ colorScheme })
  // Without frames of other origins the whole run fits into the page; axe's other way opens a blank page for each.
  const axe = new AxeBuilder({ page }).setLegacyMode()
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze()
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
  expect(found, `${page.url()} in ${colorScheme}`).toEqual([])
}

export { expect } from '@playwright/test'
