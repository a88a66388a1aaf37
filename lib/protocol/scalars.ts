import { z } from 'zod'
import { resourceNameProblem } from './resource-name.ts'

export const Id = z.uuid()
export const Iso = z.iso.datetime({ offset: true })
const firstMs = Date.parse('0001-01-01T00:00:00Z')
const lastMs = Date.parse('9999-12-31T23:59:59.999Z')
/** A moment that the portal's database can hold. */
export const Instant = Iso.refine((text) => Date.parse(text) >= firstMs && Date.parse(text) <= lastMs, {
  error: 'It is not within the years 1 to 9999',
})
/** Counts and versions fit the portal's `integer` columns. */
export const Count = z.number().int().nonnegative().max(2_147_483_647)
/** Unsigned count as decimal digits: row and byte counts pass 2^53 in principle, so they never travel as JSON numbers. */
export const Digits = z.string().regex(/^\d{1,20}$/)
export const Base64Url = z.string().regex(/^[A-Za-z0-9_-]*$/)
export const Hex = z.string().regex(/^[0-9a-f]*$/)
/** A fencing number: milliseconds of database time or the previous epoch plus one, whichever is larger. Fits 2^53 until the year 287396. */
export const Epoch = z.number().int().positive()
/** Names of factories, runtimes and everything inside a factory. */
export const ResourceName = z.string().superRefine((name, context) => {
  const problem = resourceNameProblem(name)
  if (problem) context.addIssue(problem)
})
