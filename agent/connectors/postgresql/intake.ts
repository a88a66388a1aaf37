import type { Duplex } from 'node:stream'
import { ReusingSocket } from './reusing-socket.ts'

/** The bytes of one exchange. While more than a little is out with the receiver, the server is held back. */
export type Intake = {
  /** The receiver is through with a piece of a chunk. */
  done(piece: Uint8Array): void
  /** The piece was copied; the copy stays out until it is `done`. */
  moved(piece: Uint8Array): void
  /** Gives the connection's data back to its client. */
  stop(): void
}

/** Takes a connection's data away from its client, until `stop`. `isBulk`: a copy's rows are expected. */
export function openIntake(
  socket: Duplex,
  receive: (chunk: Buffer) => void,
  { isBulk }: { isBulk: boolean },
): Intake {
  const saved = socket.listeners('data') as ((...args: unknown[]) => void)[]
  socket.removeAllListeners('data')
  const intake =
    isBulk && socket instanceof ReusingSocket ? lentIntake(socket, receive) : countedIntake(socket, receive)
  return {
    ...intake,
    stop: () => {
      intake.stop()
      for (const listener of saved) socket.on('data', listener)
      socket.resume()
    },
  }
}

function lentIntake(socket: ReusingSocket, receive: (chunk: Buffer) => void): Intake {
  socket.lendTo(receive)
  const giveBack = (piece: Uint8Array) => socket.giveBack(piece)
  return { done: giveBack, moved: giveBack, stop: () => socket.lendTo(null) }
}

/** How much may be out: enough to bridge a commit of the sink, little against the memory budget. */
const outLimitBytes = 4 << 20

/** For sockets that allocate by themselves (TLS). */
function countedIntake(socket: Duplex, receive: (chunk: Buffer) => void): Intake {
  let outBytes = 0
  const onData = (chunk: Buffer) => {
    outBytes += chunk.length
    if (outBytes > outLimitBytes) socket.pause()
    receive(chunk)
  }
  socket.on('data', onData)
  return {
    done: (piece) => {
      outBytes -= piece.byteLength
      if (outBytes < outLimitBytes / 2 && socket.isPaused()) socket.resume()
    },
    moved: () => {},
    stop: () => void socket.off('data', onData),
  }
}
