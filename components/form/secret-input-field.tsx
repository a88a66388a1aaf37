'use client'

import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { useFormContext } from 'react-hook-form'
import { IconButton } from '@/components/ui/icon-button'
import { Input } from '@/components/ui/input'
import { Field, type FieldFrame } from './field'
import { useFieldError } from './use-field-error'

type SecretInputFieldProps = FieldFrame & {
  name: string
  /** What typing nothing means: "Unchanged". */
  placeholder?: string
  /** `current-password` for signing in, `new-password` for choosing one; a store's secret is none of the browser's business. */
  autoComplete?: 'current-password' | 'new-password' | 'off'
}

/** A secret typed into a form; it can be looked at while typing. */
export function SecretInputField({
  name,
  label,
  hint,
  optional,
  className,
  ...input
}: SecretInputFieldProps) {
  const { register } = useFormContext()
  const [shown, setShown] = useState(false)
  const { placeholder, autoComplete = 'off' } = input
  return (
    <Field {...{ label, hint, optional, className }} error={useFieldError(name)}>
      {(wiring) => (
        <div className="relative">
          <Input
            {...wiring}
            {...register(name)}
            type={shown ? 'text' : 'password'}
            placeholder={placeholder}
            autoComplete={autoComplete}
            spellCheck={false}
            className="pr-9!"
            {...(autoComplete === 'off' ? noManager : {})}
          />
          <span className="absolute top-1/2 right-0.5 -translate-y-1/2">
            <IconButton
              size="sm"
              label={shown ? 'Hide what is typed' : 'Show what is typed'}
              icon={shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
              onClick={() => setShown(!shown)}
            />
          </span>
        </div>
      )}
    </Field>
  )
}

/** Password managers ignore `autocomplete=off`; these are their own ways of being asked to leave a field alone. */
const noManager = { 'data-1p-ignore': true, 'data-lpignore': 'true', 'data-bwignore': true }
