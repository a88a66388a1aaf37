import { test as base } from '@playwright/test'
import { type PortalUnderTest, portalUnderTest } from './portal'

/** Playwright's test with the portal as base address; fails where a page breaks the Content-Security-Policy or throws. */
export const test = base.extend<{ portal: PortalUnderTest; pageFaults: string[] }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern
  portal: async ({}, use) => use(portalUnderTest()),
  baseURL: async ({ portal }, use) => use(portal.url),
  pageFaults: [
    async ({ page }, use) => {
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(`${page.url()} threw ${error.message}`))
      page.on('console', (message) => {
        if (/Content.Security.Policy/i.test(message.text())) faults.push(`${page.url()}: ${message.text()}`)
      })
      await use(faults)
      base.expect(faults).toEqual([])
    },
    { auto: true },
  ],
})

export { expect } from '@playwright/test'
