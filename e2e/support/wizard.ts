import { expect, type Locator, type Page } from '@playwright/test'
import { paths } from '@/lib/paths'

/** The Copy data wizard, by the words on it. */
export class Wizard {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  async open(factory: string): Promise<void> {
    await this.page.goto(paths.copyWizard(factory))
    await expect(this.page.getByRole('group', { name: 'Copy from' })).toBeVisible()
  }

  store(direction: 'from' | 'to', name: string): Locator {
    return this.page
      .getByRole('group', { name: `Copy ${direction}` })
      .getByRole('radio', { name: new RegExp(`^${name}`) })
  }

  /** Cards hide their radio: it is pressed where its card is. */
  async choose(direction: 'from' | 'to', name: string): Promise<void> {
    await this.store(direction, name).check({ force: true })
  }

  field(name: string): Locator {
    return this.page.getByRole('textbox', { name })
  }

  async pick(legend: string, label: string): Promise<void> {
    await this.page
      .getByRole('group', { name: legend })
      .getByRole('radio', { name: new RegExp(`^${label}`) })
      .check()
  }

  async table(name: string): Promise<void> {
    // Its name goes on with how many rows it has.
    await this.page.getByRole('option', { name: new RegExp(`^${name}( |$)`) }).click()
  }

  async next(step: 'sink' | 'mapping' | 'options' | 'review'): Promise<void> {
    await this.page.getByRole('button', { name: `Next: ${step}` }).click()
    await expect(this.page.getByRole('heading', { level: 2, name: new RegExp(step, 'i') })).toBeAttached()
  }

  /** Starts the copy and waits until its page tells this. */
  async run(name: string, told: RegExp): Promise<void> {
    await this.field('Pipeline name').fill(name)
    await this.page.getByRole('button', { name: 'Run now' }).click()
    await expect(this.page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText(told, { timeout: 120_000 })
  }
}
