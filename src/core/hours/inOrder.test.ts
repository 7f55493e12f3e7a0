import fc from 'fast-check';
import { Subject } from 'rxjs';

import { askInOrder } from './inOrder';

it('gives what was found in the order of the items, in whatever order the answers arrive', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat()),
      (count, atOnce, order) => {
        const items = Array.from({ length: count }, (_, index) => `item ${index}`);
        const open = new Map<string, Subject<string>>();
        let most = 0;
        let found: string[] | undefined;
        askInOrder(
          items,
          (item) => {
            const answer = new Subject<string>();
            open.set(item, answer);
            most = Math.max(most, open.size);
            return answer;
          },
          atOnce
        ).subscribe((all) => (found = all));
        while (open.size > 0) {
          const [item, answer] = [...open][(order.next().value ?? 0) % open.size] ?? [];
          open.delete(item ?? '');
          answer?.next(`about ${item}`);
          answer?.complete();
        }
        expect(found).toEqual(items.map((item) => `about ${item}`));
        expect(most).toBe(Math.min(count, atOnce));
      }
    )
  );
});
