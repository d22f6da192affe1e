import { File, FileArchive, FileAudio, FileImage, FileText, FileVideo, Mic } from 'lucide-react'
import { type Attachment, extensionOf, kindOf } from './schema'

const ICONS = {
  image: FileImage,
  video: FileVideo,
  audio: FileAudio,
  voice: Mic,
  pdf: FileText,
  text: FileText,
  other: File,
}
const ARCHIVE = /^(zip|gz|tgz|tar|bz2|xz|7z|rar|zst)$/

export function KindIcon({ attachment, size = 20 }: { attachment: Attachment; size?: number }) {
  const Icon = ARCHIVE.test(extensionOf(attachment.name)) ? FileArchive : ICONS[kindOf(attachment)]
  return <Icon size={size} aria-hidden className="shrink-0" />
}
