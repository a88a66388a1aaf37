'use client'

import { usePathname, useRouter } from 'next/navigation'
import { ConfirmDialog } from '@/components/form/confirm-dialog'
import { Callout } from '@/components/ui/callout'
import { toast } from '@/components/ui/toast'
import { deleteFactoryAction } from '@/lib/factories/actions'
import type { FactoryContents } from '@/lib/factories/contents'
import { formatQuantity } from '@/lib/format'
import { paths } from '@/lib/paths'

type DeleteFactoryDialogProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  factory: { id: string; name: string; contents: FactoryContents }
}

/** Says what goes with a factory before it goes. */
export function DeleteFactoryDialog({ factory, ...dialog }: DeleteFactoryDialogProps) {
  const router = useRouter()
  const isInList = usePathname() === paths.factories()
  const { id, name, contents } = factory
  const parts = goesWithIt(contents)
  return (
    <ConfirmDialog
      {...dialog}
      title={
        <>
          Delete factory <em>{name}</em>
        </>
      }
      confirmName={name}
      confirmLabel="Delete factory"
      landing={isInList ? 'heading' : 'main'}
      action={() => deleteFactoryAction({ factoryId: id, confirmName: name })}
      onDone={() => {
        toast.ok(`Factory ${name} is deleted`)
        router.push(paths.factories())
        router.refresh()
      }}
    >
      <div className="flex flex-col gap-3">
        {parts.length > 0 ? (
          <div>
            <p>With it go, and cannot be brought back:</p>
            <ul className="mt-1 list-disc pl-5">
              {parts.map((part) => (
                <li key={part}>{part}</li>
              ))}
            </ul>
          </div>
        ) : (
          <p>The factory is empty: nothing else goes with it.</p>
        )}
        {contents.nodes > 0 ? (
          <p>
            Its nodes are refused from then on. Their agents stop by themselves and stay installed until you
            remove them.
          </p>
        ) : null}
        <p className="text-fg-muted">
          Data in your stores stays as it is, and the audit log keeps its entries.
        </p>
        {contents.activeRuns > 0 ? (
          <Callout tone="warn" title={`${formatQuantity(contents.activeRuns, 'run')} in progress`}>
            Cancel {contents.activeRuns === 1 ? 'it' : 'them'} first, so that nothing is left half-way in a
            store.
          </Callout>
        ) : null}
      </div>
    </ConfirmDialog>
  )
}

function goesWithIt(contents: FactoryContents): string[] {
  const counted: [count: number, singular: string, plural: string][] = [
    [contents.runtimes, 'integration runtime', 'integration runtimes'],
    [contents.nodes, 'registered node', 'registered nodes'],
    [contents.linkedServices, 'linked service', 'linked services'],
    [contents.datasets, 'dataset', 'datasets'],
    [contents.pipelines, 'pipeline', 'pipelines'],
    [contents.runs, 'run with its log and receipt', 'runs with their logs and receipts'],
  ]
  return counted.filter(([count]) => count > 0).map(([count, ...nouns]) => formatQuantity(count, ...nouns))
}
