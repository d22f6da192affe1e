'use client'

import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { Avatar } from '@/ui/avatar'
import { PictureField } from '@/ui/picture-field'
import { updateWorkspace } from './mutations'
import type { Workspace } from './schema'

type Props = {
  workspace: Workspace
  /** As they are being typed. */
  name: string
  icon: string | null
  onSaved(row: Pick<Workspace, 'id' | 'icon_url'>): void
}

const BUCKET = 'workspace-icons'

/** The workspace's picture; without one its emoji or first letter is drawn. */
export function IconField({ workspace, name, icon, onSaved }: Props) {
  const errorText = useErrorText()
  const { id } = workspace
  const change = async (picture: Blob | null) => {
    const client = await getSupabase()
    const { removeOtherPictures, uploadPicture } = await import('@/lib/supabase/public-picture')
    const address = picture && (await uploadPicture(client, BUCKET, id, picture))
    const { icon_url } = await updateWorkspace(client, id, { icon_url: address })
    onSaved({ id, icon_url })
    await removeOtherPictures(client, BUCKET, id, address)
  }
  return (
    <PictureField
      has={Boolean(workspace.icon_url)}
      onPicture={change}
      onRemove={() => change(null)}
      errorText={errorText}
    >
      <Avatar name={name} colorKey={id} src={workspace.icon_url} symbol={icon} shape="square" size={64} />
    </PictureField>
  )
}
