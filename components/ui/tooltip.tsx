import { clsx } from 'clsx'
import type { ReactNode } from 'react'

type TooltipProps = {
  /** Words only; a line break starts a new line. */
  content: string
  children: ReactNode
  className?: string
}

/**
 * A short remark on hover or focus, shown by TipLayer. It is never the only place of something needed: touch has no
 * hover. It costs one attribute, so that a table may have hundreds.
 */
export function Tooltip({ content, children, className }: TooltipProps) {
  return (
    <span data-tip={content} className={clsx('inline-flex', className)}>
      {children}
    </span>
  )
}
