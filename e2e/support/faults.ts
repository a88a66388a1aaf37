import type { BrowserContext } from '@playwright/test'

/** What no page may do, of every page of the journey that runs now. */
export const faults: string[] = []

/** Notes breaches of the Content-Security-Policy and thrown errors, on each page of this browser. */
export function watchPages(context: BrowserContext): void {
  context.on('weberror', (error) => faults.push(`${error.page()?.url()} threw ${error.error().message}`))
  context.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text()))
      faults.push(`${message.page()?.url()}: ${message.text()}`)
  })
}
