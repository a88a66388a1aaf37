import { Spinner } from '@/components/ui/spinner'

/** What is being waited for, read out when it changes. */
export function ProgressLine({ children }: { children: string }) {
  return (
    <output className="flex items-start gap-2 text-sm text-fg-muted [&>svg]:mt-0.5 [&>svg]:size-4">
      <Spinner />
      <span className="min-w-0 wrap-anywhere">{children}</span>
    </output>
  )
}
