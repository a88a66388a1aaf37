import { anew } from './support/as'
import { expect, test } from './support/journey'

/** The journeys fail on breaches of the policy only if they see them: these pages break it. */
const breaches: Record<string, () => void> = {
  'an inline script': () => {
    document.body.setAttribute('onclick', 'document.title = "taken over"')
    document.body.click()
  },
  'an inline style': () => {
    const style = document.createElement('style')
    style.textContent = 'body { display: none }'
    document.body.append(style)
  },
  'a style attribute': () => document.body.setAttribute('style', 'display: none'),
  'a picture from elsewhere': () => {
    new Image().src = 'https://elsewhere.example.com/pixel.png'
  },
  'a request to elsewhere': () => {
    void fetch('https://elsewhere.example.com/').catch(() => undefined)
  },
  'a frame': () => {
    const frame = document.createElement('iframe')
    frame.src = 'https://elsewhere.example.com/'
    document.body.append(frame)
  },
}

for (const [what, breach] of Object.entries(breaches))
  test(`the policy keeps ${what} out, and the journeys would see it`, async ({ page, pageFaults }) => {
    await page.goto('/factories')
    const title = await page.title()
    expect(pageFaults).toEqual([])
    await page.evaluate(breach)
    await expect.poll(() => pageFaults.join()).toMatch(/Content.Security.Policy/i)
    await expect(page).toHaveTitle(title)
    await expect(page.getByRole('heading', { level: 1, name: 'Factories' })).toBeVisible()
    pageFaults.length = 0
  })

test('a breach is seen on the pages of other users too', async ({ browser, portal, pageFaults }) => {
  const page = await anew(browser, portal)
  await page.goto('/sign-in')
  await page.evaluate(() => document.body.setAttribute('style', 'display: none'))
  await expect.poll(() => pageFaults.join()).toMatch(/Content.Security.Policy/i)
  pageFaults.length = 0
  await page.context().close()
})

test('an error that a page throws is seen', async ({ page, pageFaults }) => {
  await page.goto('/factories')
  await page.evaluate(() => {
    setTimeout(() => {
      throw new Error('thrown on purpose')
    })
  })
  await expect.poll(() => pageFaults.join()).toContain('thrown on purpose')
  pageFaults.length = 0
})
