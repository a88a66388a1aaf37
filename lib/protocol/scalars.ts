import { z } from 'zod'

export const Id = z.uuid()
export const Iso = z.iso.datetime({ offset: true })
/** Unsigned count as decimal digits: row and byte counts pass 2^53 in principle, so they never travel as JSON numbers. */
export const Digits = z.string().regex(/^\d{1,20}$/)
export const Base64Url = z.string().regex(/^[A-Za-z0-9_-]*$/)
export const Hex = z.string().regex(/^[0-9a-f]*$/)
/** A fencing number: milliseconds of database time or the previous epoch plus one, whichever is larger. Fits 2^53 until the year 287396. */
export const Epoch = z.number().int().positive()
/** Names of factories, runtimes and everything inside a factory: Data Factory's rules (adf-and-shir.md, sections 1.2 and 2). */
export const ResourceName = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/,
    'Use letters, digits and single hyphens; begin and end with a letter or digit',
  )
  .min(3, 'Use at least 3 characters')
  .max(63, 'Use at most 63 characters')
  .refine((name) => !name.includes('--'), 'Use single hyphens only')
