import { z } from 'zod'
import { NewPassword } from '@/lib/auth/password-schema'

export const Email = z.email('Enter an e-mail address, such as ann@example.com').max(320)

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
  .refine(
    ({ email, password }) => !password.toLowerCase().includes(email.split('@')[0]?.toLowerCase() || email),
    {
      path: ['password'],
      error: 'Do not use your e-mail address in the password',
    },
  )
