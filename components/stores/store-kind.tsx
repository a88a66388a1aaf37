import { Cloud, Database, FolderOpen } from 'lucide-react'
import type { StoreType } from '@/lib/protocol/stores'

export const storeKinds = {
  PostgreSql: { name: 'PostgreSQL', Icon: Database },
  AzureBlobStorage: { name: 'Azure Blob Storage', Icon: Cloud },
  FileServer: { name: 'File system', Icon: FolderOpen },
} as const satisfies Record<StoreType, unknown>

/** Its picture alone, beside words that say the rest. */
export function StoreIcon({ type }: { type: StoreType }) {
  const { Icon } = storeKinds[type]
  return <Icon aria-hidden />
}

/** The kind of a store: its picture and its name. */
export function StoreKind({ type }: { type: StoreType }) {
  const { name, Icon } = storeKinds[type]
  return (
    <span className="inline-flex items-center gap-1.5 align-top whitespace-nowrap">
      <Icon aria-hidden className="size-4 shrink-0 text-fg-muted" />
      {name}
    </span>
  )
}
