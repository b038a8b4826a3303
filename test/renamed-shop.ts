import type { World } from './world.ts';

/**
 * The shop of the world has another name from now on. Under the old one Shopify answers with a redirect, not at all, or
 * as before; in each case it says the new name of itself.
 */
export type OldName = 'redirects' | 'is unknown' | 'still answers';

export function renameShop(world: World, to: string, oldName: OldName, status = 301): void {
  const { profile } = world.shop;
  const from = profile.domain;
  const real = world.simulator.fetch.bind(world.simulator);
  Object.assign(profile, { domain: to });
  world.simulator.fetch = async (request) => {
    if (request.url.includes(`/${to}/`))
      return await real(new Request(request.url.replace(`/${to}/`, `/${from}/`), request));
    if (!request.url.includes(`/${from}/`) || oldName === 'still answers') return await real(request);
    if (oldName === 'is unknown') return new Response('{"errors":"Not Found"}', { status: 404 });
    const location = `https://${to}${new URL(request.url).pathname.replace(`/${from}`, '')}`;
    return new Response(null, { status, headers: { location } });
  };
}

/** Another shop answers under the name, and says the id of this one: as if both were one. */
export function sameShopAs(world: World, domain: string): void {
  const { installation, profile } = world.shop;
  const other = world.simulator.addShop({ domain, installation });
  Object.assign(other.profile, { id: profile.id });
}
