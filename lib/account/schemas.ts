import { z } from 'zod'

/** ASVS 5.0, section 6.2: length counts, composition does not; long passphrases pass. */
export const NewPassword = z
  .string()
  .min(12, 'Use at least 12 characters; a few words will do')
  .max(1000, 'Use at most 1,000 characters')
  .refine((password) => new Set(password).size >= 5, 'Use at least 5 different characters')

export const Email = z.email('Enter an e-mail address, such as ann@example.com').max(320)
export const SignInInput = z.object({
  email: Email,
  password: z.string().min(1, 'Enter your password').max(1000),
})

export const UpdateProfileInput = z.object({
  name: z.string().trim().min(1, 'Enter your name').max(200, 'Use at most 200 characters'),
})
export const ChangePasswordInput = z.object({
  currentPassword: z.string().min(1, 'Enter your present password').max(1000),
  newPassword: NewPassword,
})
export const RevokeSessionInput = z.object({ sessionId: z.uuid() })
export const RevokeOtherSessionsInput = z.object({})

/** Names of up to four letters stand in too many honest words. */
export function repeatsAddress(password: string, email: string): boolean {
  const [name = ''] = email.toLowerCase().split('@')
  return name.length > 4 && password.toLowerCase().includes(name)
}
