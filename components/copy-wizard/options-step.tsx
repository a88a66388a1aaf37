'use client'

import { UpsertKeys } from '@/components/copy-wizard/upsert-keys'
import { usePatch, useWizard } from '@/components/copy-wizard/wizard-context'
import { WizardChoice, WizardText } from '@/components/copy-wizard/wizard-field'
import { Panel } from '@/components/ui/panel'
import { verificationOffers, writeBehaviorOffers } from '@/lib/copy-wizard/combinations'

/** What happens to what is there already, how the copy is checked, and how much runs at once. */
export function OptionsStep() {
  const { draft, sink } = useWizard()
  const patch = usePatch('options')
  const { writeBehavior, verification, parallelCopies } = draft.options
  return (
    <>
      <Panel>
        <WizardChoice
          field="options.writeBehavior"
          legend="What is there already"
          offers={writeBehaviorOffers(sink?.type ?? 'PostgreSql')}
          value={writeBehavior}
          onChange={(value) => patch({ writeBehavior: value })}
        />
        {writeBehavior === 'upsert' ? <UpsertKeys /> : null}
      </Panel>
      <Panel>
        <WizardChoice
          field="options.verification"
          legend="Verification"
          offers={verificationOffers}
          value={verification}
          onChange={(value) => patch({ verification: value })}
        />
      </Panel>
      <Panel>
        <WizardText
          field="options.parallelCopies"
          label="Parts at once"
          hint="Empty: as many as the nodes have free slots. Fewer spares the stores, more needs more slots."
          optional
          className="max-w-96"
          value={parallelCopies}
          onChange={(value) => patch({ parallelCopies: value })}
        />
      </Panel>
    </>
  )
}
