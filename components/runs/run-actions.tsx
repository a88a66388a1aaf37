'use client'

import { useQueryClient } from '@tanstack/react-query'
import { Ban, Link2, MoreHorizontal, RotateCcw, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Button } from '@/components/ui/button'
import { IconButton } from '@/components/ui/icon-button'
import { Menu } from '@/components/ui/menu'
import { toast } from '@/components/ui/toast'
import { paths } from '@/lib/paths'
import { cancelPipelineRunAction } from '@/lib/runs/actions'
import type { RunDetail } from '@/lib/runs/read/run-detail'
import { RetryDialog } from './retry-dialog'

export type RunRights = {
  /** Why the person may not; null where they may. */
  cancel: string | null
  start: string | null
}

/** Cancel while it runs; retry, and remove what was kept, once it has ended. */
export function RunActions({ run, rights }: { run: RunDetail; rights: RunRights }) {
  const [open, setOpen] = useState<'cancel' | 'retry' | 'discard' | null>(null)
  const refresh = useRefresh(run)
  const hasEnded = run.endedAt !== null
  const isKept = run.activities.some(({ phase }) => phase === 'kept')
  const toggle = (which: 'cancel' | 'retry' | 'discard') => (next: boolean) => setOpen(next ? which : null)
  return (
    <>
      <Menu
        trigger={<IconButton label="More actions" icon={<MoreHorizontal aria-hidden />} />}
        groups={[
          [
            { label: 'Copy link', icon: <Link2 aria-hidden />, onSelect: () => void copyLink() },
            ...(isKept
              ? [
                  {
                    label: 'Remove what was kept',
                    icon: <Trash2 aria-hidden />,
                    tone: 'danger' as const,
                    note: rights.cancel ?? undefined,
                    disabled: rights.cancel !== null,
                    onSelect: () => setOpen('discard'),
                  },
                ]
              : []),
          ],
        ]}
      />
      {hasEnded ? (
        <Button
          variant={run.status === 'Succeeded' ? 'secondary' : 'primary'}
          icon={<RotateCcw aria-hidden />}
          disabledReason={rights.start}
          onClick={() => setOpen('retry')}
        >
          {run.status === 'Succeeded' ? 'Run again' : 'Retry run'}
        </Button>
      ) : (
        <Button
          icon={<Ban aria-hidden />}
          disabledReason={
            rights.cancel ?? (run.status === 'Canceling' ? 'It is being cancelled already' : null)
          }
          onClick={() => setOpen('cancel')}
        >
          Cancel run
        </Button>
      )}
      <RetryDialog run={run} open={open === 'retry'} onOpenChange={toggle('retry')} onDone={refresh} />
      <ConfirmDialog
        open={open === 'cancel'}
        onOpenChange={toggle('cancel')}
        title={
          <>
            Cancel this run of <em>{run.pipelineName}</em>?
          </>
        }
        confirmLabel="Cancel run"
        dismissLabel="Keep running"
        action={() => cancelPipelineRunAction({ pipelineRunId: run.id })}
        onDone={() => refresh()}
      >
        Its nodes are told to stop, and what was not yet published is removed from the sink. A copy that is
        being published at this moment may still finish.
      </ConfirmDialog>
      <ConfirmDialog
        open={open === 'discard'}
        onOpenChange={toggle('discard')}
        title={
          <>
            Remove what this run of <em>{run.pipelineName}</em> has kept?
          </>
        }
        confirmLabel="Remove"
        action={() => cancelPipelineRunAction({ pipelineRunId: run.id })}
        onDone={() => refresh()}
      >
        The finished parts that wait at the sink are removed. A retry then begins from the first row.
      </ConfirmDialog>
    </>
  )
}

async function copyLink(): Promise<void> {
  await navigator.clipboard.writeText(location.href)
  toast.ok('Link copied', 'Whoever may see the runs of this factory can open it.')
}

/** Reads the run at once after an action; a restart goes to its new run. */
function useRefresh(run: RunDetail) {
  const queryClient = useQueryClient()
  const router = useRouter()
  return (pipelineRunId: string = run.id) => {
    void queryClient.invalidateQueries({ queryKey: ['run', run.id] })
    if (pipelineRunId !== run.id) router.push(paths.run(run.factoryName, pipelineRunId))
  }
}
