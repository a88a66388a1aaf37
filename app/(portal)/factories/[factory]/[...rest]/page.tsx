import { notFound } from 'next/navigation'

/** An address that no page has, answered inside the frame: the rail leads on from there. */
export default function UnknownPage() {
  notFound()
}
