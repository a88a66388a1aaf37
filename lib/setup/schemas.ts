import { z } from 'zod'
import { Email, NewPassword, repeatsAddress } from '@/lib/account/schemas'

export const CompleteSetupInput = z
  .object({
    code: z.string().trim().min(1, 'Enter the setup code that the portal printed when it started').max(100),
    tenantName: z
      .string()
      .trim()
      .min(1, 'Enter the name of your organisation')
      .max(200, 'Use at most 200 characters'),
    name: z.string().trim().min(1, 'Enter your name').max(200, 'Use at most 200 characters'),
    email: Email,
    password: NewPassword,
  })
  .refine(({ email, password }) => !repeatsAddress(password, email), {
    path: ['password'],
    error: 'Do not use your e-mail address in the password',
  })
