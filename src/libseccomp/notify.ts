import type { Library } from './library.ts';
export interface NotificationOptions {
  readonly signal?: AbortSignal;
  readonly library?: Library | string;
}
export interface NotifyRequest {
  readonly id: bigint;
}
export async function* notifications(
  _fd: number,
  _o: NotificationOptions = {},
): AsyncGenerator<NotifyRequest> {}
export function addNotificationFd(): void {}
export function isNotificationValid(): boolean {
  return false;
}
export async function receiveNotification(): Promise<void> {}
export function respondNotification(): void {}
