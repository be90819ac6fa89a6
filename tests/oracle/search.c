/* search: levels of equal faults, each a queue of turns not yet taken. The graph of what was seen is kept, so that the
 * shortest way to a finding is the shortest in the graph and not just the first that was met. */
#include <config.h>

#include "tests/oracle/search.h"

#include <stdlib.h>
#include <string.h>

typedef struct State { uint64_t shape; uint32_t parent, edge; } State; /* parent: state from which edge first led here */
typedef struct Edge { uint32_t from, to; Choice choice; } Edge;
typedef struct Turn { uint32_t from; Choice choice; } Turn;
typedef struct Sight { Hit hit; uint32_t edge; } Sight;
typedef VEC(Turn) TurnVec;

enum { LEVELS = 8, SIGHTS = 20000 };

typedef struct Search {
  Ground *ground;
  Bounds bounds;
  VEC(State) states;
  VEC(Edge) edges;
  VEC(Sight) sights;
  uint32_t *table;          /* shape -> 1 + state, open addressing */
  uint32_t mask;
  TurnVec levels[LEVELS];
  ChoiceVec choices, route;
  Findings out;
} Search;

/* ---- states ---- */

static uint32_t *slot_of(Search *s, uint64_t shape) {
  uint32_t i = (uint32_t)(shape ^ shape >> 32) & s->mask;
  while (s->table[i] && s->states.items[s->table[i] - 1].shape != shape) i = (i + 1) & s->mask;
  return &s->table[i];
}

static void make_room(Search *s) {
  if (s->table && s->states.len * 2 <= s->mask) return;
  free(s->table);
  s->mask = s->mask ? s->mask * 4 + 3 : 4095;
  s->table = xcalloc((size_t)s->mask + 1, sizeof *s->table);
  for (uint32_t i = 0; i < s->states.len; i++) *slot_of(s, s->states.items[i].shape) = i + 1;
}

/* True: it is new. */
static bool arrive(Search *s, uint64_t shape, uint32_t from, Choice choice, uint32_t *ret_state) {
  make_room(s);
  uint32_t *slot = slot_of(s, shape);
  bool fresh = *slot == 0;
  if (fresh) {
    vec_push(&s->states, ((State){shape, from, s->edges.len}));
    *slot = s->states.len;
  }
  *ret_state = *slot - 1;
  vec_push(&s->edges, ((Edge){from, *ret_state, choice}));
  return fresh;
}

static void look(Search *s, const Path *p) {
  for (uint32_t i = 0; i < p->hits.len && s->sights.len < SIGHTS; i++)
    vec_push(&s->sights, ((Sight){p->hits.items[i], s->edges.len - 1}));
}

/* ---- going ---- */

/* The choices that first led to the state, in s->route. */
static void route_to(Search *s, uint32_t state) {
  s->route.len = 0;
  for (uint32_t i = state; s->states.items[i].parent != NONE_INDEX; i = s->states.items[i].parent)
    vec_push(&s->route, s->edges.items[s->states.items[i].edge].choice);
  for (uint32_t i = 0; i < s->route.len / 2; i++) {
    Choice c = s->route.items[i];
    s->route.items[i] = s->route.items[s->route.len - 1 - i];
    s->route.items[s->route.len - 1 - i] = c;
  }
}

/* Sets the other turns down and takes the first that costs nothing. False: there is none. */
static bool turn(Search *s, Path *p, uint32_t state, uint32_t level, Choice *ret) {
  bool taken = false;
  path_choices(p, &s->choices);
  for (uint32_t i = 0; i < s->choices.len; i++) {
    Choice c = s->choices.items[i];
    if (level + c.faults > s->bounds.faults || p->delays + c.delays > s->bounds.delays) continue;
    if (!taken && c.faults == 0) *ret = c, taken = true;
    else vec_push(&s->levels[level + c.faults], ((Turn){state, c}));
  }
  if (s->choices.len == 0 && !p->ended) path_hit(p, RULE_STUCK, p->line);
  return taken;
}

static void go_on(Search *s, Path *p, uint32_t state, uint32_t level, uint32_t steps) {
  Choice c;
  while (turn(s, p, state, level, &c)) {
    if (steps++ > s->bounds.steps || s->states.len >= s->bounds.states) {
      s->out.bounded = true;
      return;
    }
    bool was_ended = p->ended;
    s->out.fed++;
    if (!path_step(p, c)) return;
    bool fresh = arrive(s, path_shape(p), state, c, &state);
    look(s, p);
    if (level == 0 && p->ended && !was_ended && engine_outcome(p->engine) == RUN_COMPLETED) s->out.completes = true;
    if (!fresh) return;
  }
  if (p->hits.len && p->hits.items[p->hits.len - 1].code == RULE_STUCK)
    vec_push(&s->sights, ((Sight){p->hits.items[p->hits.len - 1], s->states.items[state].edge}));
}

static void take(Search *s, Turn t, uint32_t level) {
  Path p;
  uint32_t state;
  route_to(s, t.from);
  path_begin(&p, s->ground);
  bool good = true;
  for (uint32_t i = 0; i < s->route.len && good; i++) good = path_step(&p, s->route.items[i]);
  s->out.fed += s->route.len + 1;
  bool was_ended = p.ended;
  if (good && path_step(&p, t.choice)) {
    bool fresh = arrive(s, path_shape(&p), t.from, t.choice, &state);
    look(s, &p);
    if (level == 0 && p.ended && !was_ended && engine_outcome(p.engine) == RUN_COMPLETED) s->out.completes = true;
    if (fresh) go_on(s, &p, state, level, s->route.len + 1);
  }
  path_done(&p);
}

static void explore(Search *s) {
  Path p;
  path_begin(&p, s->ground);
  vec_push(&s->states, ((State){path_shape(&p), NONE_INDEX, NONE_INDEX}));
  make_room(s);
  *slot_of(s, s->states.items[0].shape) = 1;
  go_on(s, &p, 0, 0, 0);
  path_done(&p);
  for (uint32_t level = 0; level <= s->bounds.faults; level++)
    for (uint32_t i = 0; i < s->levels[level].len; i++) {
      if (s->states.len >= s->bounds.states) s->out.bounded = true;
      if (s->out.bounded && s->states.len >= s->bounds.states) return;
      take(s, s->levels[level].items[i], level);
    }
}

/* ---- the shortest ways ---- */

typedef struct Way { uint64_t cost; uint32_t edge; } Way;   /* cost: faults << 32 | steps */

static uint64_t price(Choice c) { return (uint64_t)c.faults << 32 | 1; }

/* Bellman's way: the edges are nearly in the order of their distance, so that few rounds do. */
static Way *ways(Search *s) {
  Way *w = xcalloc(s->states.len, sizeof *w);
  for (uint32_t i = 0; i < s->states.len; i++) w[i] = (Way){i ? UINT64_MAX : 0, NONE_INDEX};
  for (bool better = true; better;) {
    better = false;
    for (uint32_t i = 0; i < s->edges.len; i++) {
      const Edge *e = &s->edges.items[i];
      if (w[e->from].cost == UINT64_MAX || w[e->from].cost + price(e->choice) >= w[e->to].cost) continue;
      w[e->to] = (Way){w[e->from].cost + price(e->choice), i};
      better = true;
    }
  }
  return w;
}

/* Runs the route and says whether the hit is really there at its end. */
static bool shows(Search *s, const ChoiceVec *route, Hit hit) {
  Path p;
  bool good = true, seen = false;
  path_begin(&p, s->ground);
  for (uint32_t i = 0; i < route->len && good; i++) good = path_step(&p, route->items[i]);
  if (good && hit.code == RULE_STUCK) {
    path_choices(&p, &s->choices);
    seen = s->choices.len == 0 && !p.ended;
  }
  for (uint32_t i = 0; i < p.hits.len && good; i++) seen |= p.hits.items[i].code == hit.code && p.hits.items[i].line == hit.line;
  path_done(&p);
  return seen;
}

static void reverse(ChoiceVec *v) {
  for (uint32_t i = 0; i < v->len / 2; i++) {
    Choice c = v->items[i];
    v->items[i] = v->items[v->len - 1 - i];
    v->items[v->len - 1 - i] = c;
  }
}

static void report(Search *s, const Way *w, Sight sight) {
  Found f = {.hit = sight.hit};
  const Edge *last = &s->edges.items[sight.edge];
  vec_push(&f.path, last->choice);
  for (uint32_t i = last->from; w[i].edge != NONE_INDEX; i = s->edges.items[w[i].edge].from) vec_push(&f.path, s->edges.items[w[i].edge].choice);
  reverse(&f.path);
  if (!shows(s, &f.path, f.hit)) { /* two states looked alike and were not: the way on which it was seen */
    route_to(s, last->from);
    f.path.len = 0;
    for (uint32_t i = 0; i < s->route.len; i++) vec_push(&f.path, s->route.items[i]);
    vec_push(&f.path, last->choice);
  }
  for (uint32_t i = 0; i < f.path.len; i++) f.faults += f.path.items[i].faults;
  vec_push(&s->out.found, f);
}

static bool same(Hit a, Hit b) { return a.code == b.code && a.line == b.line; }

static int by_length(const void *l, const void *r) {
  const Found *a = l, *b = r;
  if (a->faults != b->faults) return a->faults < b->faults ? -1 : 1;
  if (a->path.len != b->path.len) return a->path.len < b->path.len ? -1 : 1;
  return a->hit.code != b->hit.code ? (int)a->hit.code - (int)b->hit.code : (int)a->hit.line - (int)b->hit.line;
}

static void report_all(Search *s) {
  if (s->sights.len == 0) return;
  Way *w = ways(s);
  for (uint32_t i = 0; i < s->sights.len; i++) {
    uint32_t best = i;
    bool known = false;
    for (uint32_t j = 0; j < i && !known; j++) known = same(s->sights.items[i].hit, s->sights.items[j].hit);
    for (uint32_t j = i; j < s->sights.len && !known; j++) {
      const Edge *a = &s->edges.items[s->sights.items[j].edge], *b = &s->edges.items[s->sights.items[best].edge];
      bool less = w[a->from].cost + price(a->choice) < w[b->from].cost + price(b->choice);
      if (less && same(s->sights.items[i].hit, s->sights.items[j].hit)) best = j;
    }
    if (!known) report(s, w, s->sights.items[best]);
  }
  free(w);
  qsort(s->out.found.items, s->out.found.len, sizeof *s->out.found.items, by_length);
}

Findings search(Ground *g, Bounds bounds) {
  Search s = {.ground = g, .bounds = bounds};
  if (s.bounds.faults >= LEVELS) s.bounds.faults = LEVELS - 1;
  explore(&s);
  report_all(&s);
  s.out.states = s.states.len;
  s.out.edges = s.edges.len;
  vec_done(&s.states);
  vec_done(&s.edges);
  vec_done(&s.sights);
  for (uint32_t i = 0; i < LEVELS; i++) vec_done(&s.levels[i]);
  vec_done(&s.choices);
  vec_done(&s.route);
  free(s.table);
  return s.out;
}

void findings_done(Findings *f) {
  for (uint32_t i = 0; i < f->found.len; i++) vec_done(&f->found.items[i].path);
  vec_done(&f->found);
}
