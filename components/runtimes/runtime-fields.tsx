'use client'

import { RadioField } from '@/components/form/choice-field'
import { NumberField } from '@/components/form/text-field'

/** Who may read the credentials of a runtime (blueprint, section 5). */
export function AdmissionField() {
  return (
    <RadioField
      name="admission"
      label="Admission to the vault"
      options={[
        {
          value: 'standard',
          label: 'Standard',
          hint: 'A valid key or link lets a new node read the credentials.',
        },
        {
          value: 'strict',
          label: 'Strict',
          hint: 'Only an enrolment link does that was made after the first node came, or an Owner’s approval on the machine of a node that is admitted, so that even a hacked portal cannot add a reader. The nodes sign this into their log: it cannot be taken back once a node has joined.',
        },
      ]}
    />
  )
}

export function LeaseField() {
  return (
    <NumberField
      name="leaseSeconds"
      label="Lease"
      unit="seconds"
      min={5}
      max={600}
      hint="How long a node may be silent before its tasks move to another node. Short is quick to recover, long forgives a poor line."
    />
  )
}
