import { clsx } from 'clsx'
import type { ComponentProps } from 'react'

/** A line of text. Inside a form use TextField, which brings label, hint and error. */
export function Input({
  className,
  mono,
  ...input
}: ComponentProps<'input'> & { mono?: boolean | undefined }) {
  return <input type="text" {...input} className={clsx('control', mono && 'font-mono text-sm', className)} />
}

/** Several lines of text; it grows with what is typed, from `rows` up to a third of the window. */
export function Textarea({ className, mono, rows = 3, ...textarea }: TextareaProps) {
  return (
    <textarea
      rows={rows}
      {...textarea}
      className={clsx(
        'control h-auto! field-sizing-content max-h-[33vh] py-1.5',
        mono && 'font-mono text-sm',
        className,
      )}
    />
  )
}

type TextareaProps = ComponentProps<'textarea'> & { mono?: boolean | undefined }
