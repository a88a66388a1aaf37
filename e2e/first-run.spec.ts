import { expect, test } from './support/journey'

test('an empty portal answers with its security headers', async ({ page }) => {
  const answer = await page.goto('/nowhere')
  expect(answer?.status()).toBe(404)
  expect(answer?.headers()['content-security-policy']).toContain("'strict-dynamic'")
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})
