import { createAttachment, describeAttachment, removeAttachment } from '@/features/attachments/mutations'
import { pathOf } from '@/features/attachments/schema'
import { Tray } from '@/features/attachments/tray'
import { localKey, onWipe } from '@/lib/local-data'
import type { AppClient } from '@/lib/supabase/client'

/** The person's files that wait to be sent; what failed for want of a network goes on when there is one. */
export function openTray(client: AppClient, me: string) {
  const tray = new Tray({
    prepare: async (file) => (await import('@/features/attachments/prepare')).prepareFile(file),
    create: (channelId, attachment) => createAttachment(client, channelId, attachment),
    async upload(channelId, id, body) {
      const { uploadObject } = await import('@/features/attachments/upload')
      await uploadObject(client, { ...body, path: pathOf(channelId, { id }) })
    },
    remove: (channelId, attachment) => removeAttachment(client, channelId, attachment),
    describe: (id, alt) => describeAttachment(client, id, alt),
    storage: sessionStorage,
    storageKey: localKey(me, 'tray'),
  })
  const wake = () => tray.wake()
  // A page that goes takes along what it has not uploaded yet: the browser asks first.
  const stay = (event: BeforeUnloadEvent) => {
    if (tray.isUploading()) event.preventDefault()
  }
  window.addEventListener('online', wake)
  window.addEventListener('beforeunload', stay)
  const closeTray = () => {
    forget()
    tray.close()
    window.removeEventListener('online', wake)
    window.removeEventListener('beforeunload', stay)
  }
  // Whoever is signed out leaves without a question: the page has to go.
  const forget = onWipe(closeTray)
  return { tray, closeTray }
}
