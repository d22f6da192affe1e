import type { Attachment } from './schema'

const BARS = 64

/** The loudest moment of each part of a recording, from 0 to 100, relative to its loudest of all. */
export function peaks(samples: Float32Array, bars = BARS): number[] {
  const size = Math.max(1, Math.ceil(samples.length / bars))
  const highest: number[] = []
  for (let from = 0; from < samples.length; from += size) {
    let peak = 0
    for (const sample of samples.subarray(from, from + size)) peak = Math.max(peak, Math.abs(sample))
    highest.push(peak)
  }
  const most = Math.max(...highest, 0)
  return highest.map((peak) => (most > 0 ? Math.round((peak / most) * 100) : 0))
}

/** How long a recording is and how loud over time; a flat line where the browser cannot say. */
export async function peaksOf(blob: Blob): Promise<Pick<Attachment, 'duration' | 'waveform'>> {
  const context = new AudioContext()
  try {
    const sound = await context.decodeAudioData(await blob.arrayBuffer())
    return { duration: sound.duration, waveform: peaks(sound.getChannelData(0)) }
  } catch {
    return { waveform: Array(BARS).fill(0) }
  } finally {
    void context.close()
  }
}
