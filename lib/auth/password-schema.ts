import { z } from 'zod'

/** ASVS 5.0, section 6.2: length counts, composition does not; long passphrases pass. */
export const NewPassword = z
  .string()
  .min(12, 'Use at least 12 characters; a few words will do')
  .max(1000, 'Use at most 1,000 characters')
  .refine((password) => new Set(password).size >= 5, 'Use at least 5 different characters')
