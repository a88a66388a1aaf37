'use client'

import { useProblem } from '@/components/copy-wizard/wizard-context'
import { Field, type FieldFrame, FieldNotes } from '@/components/form/field'
import { Radio, RadioGroup } from '@/components/ui/choice'
import { Input, Textarea } from '@/components/ui/input'
import type { Offer } from '@/lib/copy-wizard/combinations'
import { useId } from 'react'

type WizardTextProps = FieldFrame & {
  /** Where the draft's checks say what is wrong. */
  field: string
  value: string
  onChange: (value: string) => void
  placeholder?: string
  mono?: boolean
  rows?: number
}

/** A text of the draft; it is kept with every key, so there is nothing to submit. */
export function WizardText({ field, value, onChange, placeholder, mono, rows, ...frame }: WizardTextProps) {
  const problem = useProblem(field)
  return (
    <Field {...frame} error={problem}>
      {(wiring) =>
        rows ? (
          <Textarea
            {...wiring}
            mono={mono}
            rows={rows}
            value={value}
            placeholder={placeholder}
            spellCheck={false}
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <Input
            {...wiring}
            mono={mono}
            value={value}
            placeholder={placeholder}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  )
}

type WizardChoiceProps<Value extends string> = {
  field: string
  legend: string
  offers: readonly Omit<Offer<Value>, 'refusal'>[] | readonly Offer<Value>[]
  value: Value
  onChange: (value: Value) => void
}

/** One of a few; what cannot be chosen stands there with its reason. */
export function WizardChoice<Value extends string>(props: WizardChoiceProps<Value>) {
  const { field, legend, offers, value, onChange } = props
  const problem = useProblem(field)
  const id = useId()
  return (
    <div>
      <RadioGroup legend={legend} describedBy={problem ? `${id}-error` : undefined}>
        {offers.map((offer) => {
          const refusal = 'refusal' in offer ? offer.refusal : null
          return (
            <Radio
              key={offer.value}
              name={id}
              value={offer.value}
              label={offer.label}
              hint={refusal ?? offer.hint}
              checked={offer.value === value}
              disabled={refusal !== null}
              onChange={() => onChange(offer.value)}
            />
          )
        })}
      </RadioGroup>
      <FieldNotes id={id} error={problem} />
    </div>
  )
}
