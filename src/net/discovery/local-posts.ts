import { messageOf } from '../../errors.ts';
import type { Log } from '../../ports.ts';
import type { Address } from '../address.ts';
import { type LanPlace, placeKey } from './lan-place.ts';
import type { LocalPost, LocalPostOptions } from './mdns-adapter.ts';

/** Posts in all places at once. */
export interface LocalPosts {
  ask(name: string): void;
  /** Says in every place on which port this device listens there. Whoever asked hears it where it is. */
  answer(name: string): void;
  /** Closes the posts of places that are gone and opens those of new ones. Does not reject: a place that fails is left out. */
  update(places: readonly LanPlace[]): Promise<void>;
  close(): Promise<void>;
}

export interface LocalPostsOptions {
  readonly log: Log;
  /** Where this device is reached in a place. */
  portAt(place: LanPlace): number | undefined;
  onQuestion(name: string): void;
  onAnswer(name: string, address: Address): void;
  openPost(options: LocalPostOptions): Promise<LocalPost>;
}

interface OpenPost {
  readonly place: LanPlace;
  readonly post: LocalPost;
}

export function createLocalPosts(options: LocalPostsOptions): LocalPosts {
  const { log, portAt, openPost, onQuestion, onAnswer } = options;
  const posts = new Map<string, OpenPost>();
  /** One after the other, or two might open the same place. */
  let updating = Promise.resolve();

  async function open(place: LanPlace): Promise<void> {
    try {
      posts.set(placeKey(place), { place, post: await openPost({ place, log, onQuestion, onAnswer }) });
    } catch (error) {
      log.warn('devices are not found on a local network', { at: place.host, reason: messageOf(error) });
    }
  }

  async function update(places: readonly LanPlace[]): Promise<void> {
    const wanted = new Map(places.map((place) => [placeKey(place), place]));
    const isGone = ([key, { place }]: readonly [string, OpenPost]) => wanted.get(key)?.host !== place.host;
    const gone = [...posts].filter(isGone);
    for (const [key] of gone) posts.delete(key);
    await Promise.all(gone.map(([, { post }]) => post.close()));
    await Promise.all([...wanted].filter(([key]) => !posts.has(key)).map(([, place]) => open(place)));
  }

  return {
    ask(name) {
      for (const { post } of posts.values()) post.ask(name);
    },
    answer(name) {
      for (const { post, place } of posts.values()) {
        const port = portAt(place);
        if (port !== undefined) post.answer(name, port);
      }
    },
    update(places) {
      updating = updating.then(() => update(places));
      return updating;
    },
    async close() {
      await updating;
      await update([]);
    },
  };
}
