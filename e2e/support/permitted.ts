import { expect, type Locator, type Page } from '@playwright/test'

/** A button, or an item of a menu behind one. */
export type Act = { button: string | RegExp; item?: string }

/** The act is there for everybody; who may not do it finds it disabled, with the reason. */
export async function expectAct(page: Page, { button, item }: Act, allowed: boolean): Promise<void> {
  const pressed = page.getByRole('button', { name: button }).first()
  if (item === undefined) return await expectButton(pressed, allowed)
  await pressed.click()
  const entry = page.getByRole('menuitem', { name: item })
  if (allowed) await expect(entry).toBeEnabled()
  else {
    await expect(entry).toBeDisabled()
    await expect(entry).toContainText(/This needs the role \w+/)
  }
  // Who closes it by the keyboard is in it.
  await expect(page.locator('[role="menu"]:is(:focus, :focus-within)')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(entry).toHaveCount(0)
}

async function expectButton(button: Locator, allowed: boolean): Promise<void> {
  if (allowed) return await expect(button).toBeEnabled()
  await expect(button).toBeDisabled()
  await expect(button).toHaveAccessibleDescription(/This needs the role \w+/)
}
