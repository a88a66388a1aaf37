import type { WizardStore } from '@/lib/copy-wizard/draft'
import { CopyDraft } from '@/lib/copy-wizard/draft-schema'

const runtime = { runtimeId: 'r1', runtimeName: 'plant-7' }
export const orders: WizardStore = { id: '1', name: 'orders-db', type: 'PostgreSql', ...runtime }
export const lake: WizardStore = { id: '2', name: 'lake', type: 'AzureBlobStorage', ...runtime }
export const exports: WizardStore = { id: '3', name: 'exports', type: 'FileServer', ...runtime }
export const far: WizardStore = { ...lake, id: '4', name: 'far', runtimeId: 'r2', runtimeName: 'plant-8' }
export const stores = [orders, lake, exports, far]

type Changes = { [Part in keyof CopyDraft]?: Record<string, unknown> } & { name?: string }
/** A finished draft: one table of `orders` goes into a folder of `lake`. */
export function aDraft(changes: Record<string, unknown> = {}): CopyDraft {
  return CopyDraft.parse({
    source: { linkedService: 'orders-db', tables: [{ schema: 'public', table: 'flights' }] },
    sink: { linkedService: 'lake', container: 'lake', folder: 'raw/{table}' },
    ...changes,
  } satisfies Changes)
}
