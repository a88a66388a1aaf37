'use client'

import { Ellipsis, Pencil, Play, Trash2 } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { callAction } from '@/components/form/call-action'
import { Button } from '@/components/ui/button'
import { IconButton } from '@/components/ui/icon-button'
import { Menu } from '@/components/ui/menu'
import { toast } from '@/components/ui/toast'
import { paths } from '@/lib/paths'
import { deletePipelineAction } from '@/lib/pipelines/actions'
import type { Pipeline } from '@/lib/pipelines/queries'
import { startPipelineRunAction } from '@/lib/runs/actions'

/** Forms bring their schemas: fetched on first use. */
const RenameSheet = dynamic(() => import('./rename-sheet').then((module) => module.RenameSheet))

export type PipelineRights = {
  /** Why the person may not; null where they may. */
  run: string | null
  write: string | null
}
type PipelineActionsProps = { factory: string; pipeline: Pipeline; rights: PipelineRights }

/** What can be done with a pipeline, at the top of its page. */
export function PipelineActions({ factory, pipeline, rights }: PipelineActionsProps) {
  const [open, setOpen] = useState<'rename' | 'delete' | null>(null)
  const [renamed, setRenamed] = useState(false)
  function handleRename() {
    setRenamed(true)
    setOpen('rename')
  }
  const refused = rights.write === null ? {} : { disabled: true, note: rights.write }
  return (
    <>
      <Menu
        trigger={<IconButton label="More actions" icon={<Ellipsis aria-hidden />} />}
        groups={[
          [
            {
              label: 'Rename pipeline',
              icon: <Pencil aria-hidden />,
              onSelect: handleRename,
              ...refused,
            },
            {
              label: 'Delete pipeline',
              icon: <Trash2 aria-hidden />,
              tone: 'danger',
              onSelect: () => setOpen('delete'),
              ...refused,
            },
          ],
        ]}
      />
      <RunNowButton factory={factory} pipelineId={pipeline.id} refusal={rights.run} />
      {renamed ? (
        <RenameSheet
          factory={factory}
          pipeline={pipeline}
          open={open === 'rename'}
          onOpenChange={(next) => setOpen(next ? 'rename' : null)}
        />
      ) : null}
      <DeletePipelineDialog
        factory={factory}
        pipeline={pipeline}
        open={open === 'delete'}
        onOpenChange={(next) => setOpen(next ? 'delete' : null)}
      />
    </>
  )
}

type RunNowButtonProps = { factory: string; pipelineId: string; refusal: string | null }

/** Starts a run and goes to its page; what stops it is said at once. */
export function RunNowButton({ factory, pipelineId, refusal }: RunNowButtonProps) {
  const { pending, runNow } = useRunNow(factory)
  return (
    <Button
      variant="primary"
      icon={<Play aria-hidden />}
      pending={pending}
      disabledReason={refusal}
      onClick={() => void runNow(pipelineId)}
    >
      Run now
    </Button>
  )
}

export function useRunNow(factory: string) {
  const router = useRouter()
  const [pending, setPending] = useState(false)
  async function runNow(pipelineId: string) {
    setPending(true)
    const result = await callAction(startPipelineRunAction, { pipelineId })
    setPending(false)
    if (result.ok) return router.push(paths.run(factory, result.data.pipelineRunId))
    toast.bad('The run did not start', result.error.message)
    // Deleted meanwhile: the page that comes says where to go on.
    if (result.error.code === 'not_found') router.refresh()
  }
  return { pending, runNow }
}

export type DialogProps = {
  factory: string
  pipeline: Pick<Pipeline, 'id' | 'name'>
  open: boolean
  onOpenChange: (open: boolean) => void
}

export function DeletePipelineDialog({ factory, pipeline, open, onOpenChange }: DialogProps) {
  const router = useRouter()
  const { id, name } = pipeline
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={
        <>
          Delete pipeline <em>{name}</em>
        </>
      }
      confirmName={name}
      confirmLabel="Delete pipeline"
      landing="main"
      action={() => deletePipelineAction({ pipelineId: id, confirmName: name })}
      onDone={() => {
        toast.ok(`Pipeline ${name} is deleted`)
        router.push(paths.pipelines(factory))
        router.refresh()
      }}
    >
      Its datasets and linked services stay, and so does the history of its runs. A run that is under way goes
      on to its end.
    </ConfirmDialog>
  )
}
