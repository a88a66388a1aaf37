import { formatByteRate, formatBytes, formatCount, type Quantity } from '@/lib/format'
import { Tooltip } from './tooltip'

/** A size in binary steps; hovering gives every byte. */
export function Bytes({ value }: { value: Quantity }) {
  return (
    <Tooltip content={`${formatCount(value)} bytes`}>
      <span className="whitespace-nowrap tabular-nums">{formatBytes(value)}</span>
    </Tooltip>
  )
}

/** A rate of bytes; hovering gives it in decimal megabytes, as disks and networks are sold. */
export function ByteRate({ perSecond }: { perSecond: number }) {
  return (
    <Tooltip
      content={`${(perSecond / 1_000_000).toFixed(1)} MB/s · ${((perSecond * 8) / 1_000_000).toFixed(0)} Mbit/s`}
    >
      <span className="whitespace-nowrap tabular-nums">{formatByteRate(perSecond)}</span>
    </Tooltip>
  )
}

/** A count with grouped, aligned digits. */
export function Count({ value }: { value: Quantity }) {
  return <span className="whitespace-nowrap tabular-nums">{formatCount(value)}</span>
}
