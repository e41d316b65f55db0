// A scenario: the sites that are imagined, each with a place and perhaps a cost, and the facilities that are closed.

export const MOST_SITES = 50;

export class Scenario {
  constructor() {
    this.sites = []; // { key, name, lon, lat, cost: number | null, candidate: code | null }
    this.closed = new Map(); // id → name
    this.last = 0;
  }

  add({ name, lon, lat, cost = null, candidate = null }) {
    if (this.sites.length >= MOST_SITES) return null;
    this.last += 1;
    const site = { key: this.last, name, lon, lat, cost, candidate };
    this.sites.push(site);
    return site;
  }

  remove(key) {
    this.sites = this.sites.filter((site) => site.key !== key);
  }

  clear() {
    this.sites = [];
    this.closed.clear();
    this.last = 0;
  }

  ofCandidate(code) {
    return this.sites.find(({ candidate }) => candidate === code);
  }

  get cost() {
    const known = this.sites.filter(({ cost }) => cost !== null);
    return known.length && known.length === this.sites.length ? known.reduce((sum, { cost }) => sum + cost, 0) : null;
  }

  get empty() {
    return !this.sites.length && !this.closed.size;
  }

  question() {
    return { add: this.sites.map(({ lon, lat }) => [lon, lat]), close: [...this.closed.keys()] };
  }

  // What is sent to be kept.
  proposal() {
    return { sites: this.sites.map(({ name, lon, lat, cost, candidate }) => ({ name, lon, lat, cost, candidate })), close: [...this.closed.keys()] };
  }

  static of({ sites, closed }) {
    const scenario = new Scenario();
    for (const site of sites) scenario.add(site);
    scenario.closed = new Map(closed);
    return scenario;
  }
}
