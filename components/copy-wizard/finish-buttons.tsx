'use client'

import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { Play, Save } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { takenNamesOptions } from '@/components/copy-wizard/taken-names'
import { useWizard, type Wizard } from '@/components/copy-wizard/wizard-context'
import { linesOf } from '@/components/copy-wizard/wizard-facts'
import { FormError } from '@/components/form/form-error'
import { callAction } from '@/components/form/call-action'
import { Button } from '@/components/ui/button'
import { toast } from '@/components/ui/toast'
import type { ActionError } from '@/lib/action-result'
import { pipelineNameOf } from '@/lib/copy-wizard/names'
import { paths } from '@/lib/paths'
import { createPipelineWithDatasetsAction } from '@/lib/pipelines/actions'
import { startPipelineRunAction } from '@/lib/runs/actions'

/** Saves the copy as a pipeline, or saves and starts it. A refusal is said in place, and nothing typed is lost. */
export function FinishButtons({ onFinished }: { onFinished: () => void }) {
  const router = useRouter()
  const client = useQueryClient()
  const wizard = useWizard()
  const { factory, refusals, problems } = wizard
  const [pending, setPending] = useState<'save' | 'run' | null>(null)
  const [failure, setFailure] = useState<ActionError | null>(null)
  const [first] = problems
  const missing = first ? `First: ${first.message}` : null

  async function handleFinish(how: 'save' | 'run') {
    setPending(how)
    setFailure(null)
    const saved = await save(wizard, client)
    if (!saved.ok) {
      setPending(null)
      setFailure(saved.error)
      // A name that somebody took meanwhile: its field says so.
      if (saved.error.code === 'conflict') void client.invalidateQueries({ queryKey: ['taken-names'] })
      return
    }
    const { pipelineId, name } = saved.data
    if (how === 'save') {
      toast.ok(`Pipeline ${name} is saved`)
      router.push(paths.pipeline(factory.name, name))
      onFinished()
      return
    }
    const started = await callAction(startPipelineRunAction, { pipelineId })
    if (started.ok) router.push(paths.run(factory.name, started.data.pipelineRunId))
    else {
      toast.bad(`Pipeline ${name} is saved, but was not started`, started.error.message)
      router.push(paths.pipeline(factory.name, name))
    }
    onFinished()
  }

  return (
    <div className="flex min-w-0 flex-1 flex-col gap-3">
      <FormError failure={failure} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button
          icon={<Save aria-hidden />}
          pending={pending === 'save'}
          disabledReason={refusals.save ?? missing}
          onClick={() => void handleFinish('save')}
        >
          Save as pipeline
        </Button>
        <Button
          variant="primary"
          icon={<Play aria-hidden />}
          pending={pending === 'run'}
          disabledReason={refusals.save ?? refusals.run ?? missing}
          onClick={() => void handleFinish('run')}
        >
          Run now
        </Button>
      </div>
    </div>
  )
}

async function save({ factory, draft, source, sink, mappings }: Wizard, client: QueryClient) {
  if (!source || !sink) throw new Error('A copy without its ends cannot be finished')
  const name = pipelineNameOf(draft, { source, sink })
  // As it is at this moment; without an answer the portal decides when it saves.
  const taken = await client.fetchQuery(takenNamesOptions(factory.name, name)).catch(() => null)
  const known = { takenDatasets: taken?.datasets ?? [], lines: linesOf(mappings) }
  const { tryBuildDefinitions } = await import('@/lib/copy-wizard/definitions')
  const built = tryBuildDefinitions(draft, { source, sink }, known)
  if (!built.ok) return unsaved(built.problems)
  return await callAction(createPipelineWithDatasetsAction, { factoryId: factory.id, ...built.definitions })
}

function unsaved(problems: readonly string[]) {
  const message = `This cannot be saved as it is: ${problems.join('. ')}`
  return { ok: false, error: { code: 'invalid_input', message } } as const
}
