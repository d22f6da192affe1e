type Props = { channelId: string }

/** A pencil where something was begun and not sent. */
export function DraftMark(_props: Props) {
  return null
}
