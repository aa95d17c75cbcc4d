/* Reference cycles through both heaps: Python's half of finding them.
 *
 * JavaScript holds Python objects through PyProxies, each of which owns a reference; Python holds
 * JavaScript values through JsProxies. Neither collector sees the other's edges, so a cycle
 * through both would live forever. pyx_cycles_find finds the objects that only PyProxies keep
 * alive, by trial deletion as in CPython's own collector (Modules/gc.c, "update_refs" and
 * "subtract_refs"; Bacon and Rajan, "Concurrent cycle collection in reference counted systems"),
 * and describes to JavaScript how JsProxies are reached from them. src/js/core/pyproxy/cycles.ts
 * then lets the PyProxies hold what the JsProxies held, so that JavaScript's collector sees the
 * whole cycle.
 *
 * Modules and classes are taken for roots and not looked into, but for classes made in functions.
 * That keeps the search near what was exported, and what is missed only lives longer. */
#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "cycles.h"
#include "growing.h"
#include "handles.h"
#include "jsproxy/object.h"
#include "pyproxy.h"

/* Exported by CPython, but declared in an internal header only. */
extern Py_ssize_t _PyWeakref_GetWeakrefCount(PyObject *obj);
/* Added to CPython by cpython/patches/0004. */
extern int (*_PyWeakref_Hook)(PyObject *);
extern void (*_PyGC_FullCollectionHook)(void);

enum {
  /* A dict of a module: neither counted nor looked into. */
  NODE_STOP = 1,
  /* Reachable from something else than a PyProxy. */
  NODE_LIVE = 2,
  /* A JsProxy is reachable from here. */
  NODE_RELEVANT = 4,
};

typedef struct {
  PyObject *obj;
  /* References from other nodes and from PyProxies; later the place in the answer. */
  uint32_t refs;
  uint32_t flags;
} Node;

typedef struct {
  Node *nodes;
  uint32_t count;
  uint32_t room;
  /* Open addressing: place of a node + 1, or 0. */
  uint32_t *table;
  uint32_t mask;
  /* Edges among the nodes that only PyProxies keep alive, by source: starts[i] to starts[i+1]. */
  uint32_t *starts;
  uint32_t *edges;
  uint32_t edge_count;
  uint32_t edge_room;
  /* Nodes still to be visited. */
  uint32_t *stack;
  uint32_t depth;
} Graph;

static uint32_t
hash_of(const void *obj)
{
  return (uint32_t)(uintptr_t)obj * 2654435761u >> 7;
}

/* The slot of the table where `obj` is or would be. */
static uint32_t *
slot_of(const Graph *graph, const PyObject *obj)
{
  uint32_t i = hash_of(obj) & graph->mask;
  while (graph->table[i] != 0 && graph->nodes[graph->table[i] - 1].obj != obj) {
    i = (i + 1) & graph->mask;
  }
  return &graph->table[i];
}

static Node *
find(const Graph *graph, const PyObject *obj)
{
  uint32_t place = *slot_of(graph, obj);
  return place ? &graph->nodes[place - 1] : NULL;
}

static int
grow(Graph *graph)
{
  uint32_t room = graph->room ? graph->room * 2 : 1024;
  Node *nodes = realloc(graph->nodes, room * sizeof *nodes);
  if (nodes == NULL) {
    return -1;
  }
  graph->nodes = nodes;
  graph->room = room;
  free(graph->table);
  graph->mask = room * 2 - 1;
  graph->table = calloc(room * 2, sizeof *graph->table);
  if (graph->table == NULL) {
    return -1;
  }
  for (uint32_t i = 0; i < graph->count; i++) {
    *slot_of(graph, nodes[i].obj) = i + 1;
  }
  return 0;
}

/* The node of `obj`, made if need be; NULL without memory. */
static Node *
add(Graph *graph, PyObject *obj)
{
  if (graph->count == graph->room && grow(graph) < 0) {
    return NULL;
  }
  uint32_t *slot = slot_of(graph, obj);
  if (*slot == 0) {
    graph->nodes[graph->count] = (Node){ .obj = obj };
    *slot = ++graph->count;
  }
  return &graph->nodes[*slot - 1];
}

/* True for what takes part: objects that can hold others, but for modules and classes. */
static int
takes_part(PyObject *obj)
{
  if (!PyObject_IS_GC(obj) || PyModule_Check(obj)) {
    return 0;
  }
  if (!PyType_Check(obj)) {
    return 1;
  }
  if (!PyType_HasFeature((PyTypeObject *)obj, Py_TPFLAGS_HEAPTYPE)) {
    return 0;
  }
  const char *name = PyUnicode_AsUTF8(((PyHeapTypeObject *)obj)->ht_qualname);
  if (name == NULL) {
    PyErr_Clear();
  }
  return name != NULL && strstr(name, "<locals>") != NULL;
}

/* The visitors return -1, which ends the search, when memory is exhausted. */
static int
visit_count(PyObject *obj, void *arg)
{
  if (!takes_part(obj)) {
    return 0;
  }
  Node *node = add(arg, obj);
  if (node == NULL) {
    return -1;
  }
  node->refs++;
  return 0;
}

static int
traverse(PyObject *obj, visitproc visit, Graph *graph)
{
  traverseproc f = Py_TYPE(obj)->tp_traverse;
  return f ? f(obj, visit, graph) : 0;
}

static int
stop_at_modules(Graph *graph)
{
  PyObject *modules = PyImport_GetModuleDict();
  PyObject *module;
  Py_ssize_t position = 0;
  if (modules == NULL || !PyDict_CheckExact(modules)) {
    return 0;
  }
  while (PyDict_Next(modules, &position, NULL, &module)) {
    Node *node = PyModule_Check(module) ? add(graph, PyModule_GetDict(module)) : NULL;
    if (node != NULL) {
      node->flags = NODE_STOP;
    } else if (PyModule_Check(module)) {
      return -1;
    }
  }
  return 0;
}

/* Find what is reachable from the exported objects, and count the references among it. */
static int
discover(Graph *graph, const uint32_t *exported, int32_t n)
{
  if (stop_at_modules(graph) < 0) {
    return -1;
  }
  for (int32_t i = 0; i < n; i++) {
    if (visit_count(pyx_object((int32_t)exported[i]), graph) < 0) {
      return -1;
    }
  }
  for (uint32_t i = 0; i < graph->count; i++) {
    if (graph->nodes[i].flags != NODE_STOP &&
        traverse(graph->nodes[i].obj, visit_count, graph) < 0) {
      return -1;
    }
  }
  return 0;
}

static void
mark(Graph *graph, Node *node, uint32_t flag)
{
  if ((node->flags & (NODE_STOP | flag)) == 0) {
    node->flags |= flag;
    graph->stack[graph->depth++] = (uint32_t)(node - graph->nodes);
  }
}

static int
visit_live(PyObject *obj, void *arg)
{
  Graph *graph = arg;
  Node *node = find(graph, obj);
  if (node != NULL) {
    mark(graph, node, NODE_LIVE);
  }
  return 0;
}

/* Mark what is referred to from elsewhere, and all that it reaches. */
static void
mark_live(Graph *graph)
{
  for (uint32_t i = 0; i < graph->count; i++) {
    Node *node = &graph->nodes[i];
    if (Py_REFCNT(node->obj) != (Py_ssize_t)node->refs) {
      mark(graph, node, NODE_LIVE);
    }
  }
  while (graph->depth > 0) {
    (void)traverse(graph->nodes[graph->stack[--graph->depth]].obj, visit_live, graph);
  }
}

static int
visit_edge(PyObject *obj, void *arg)
{
  Graph *graph = arg;
  Node *node = find(graph, obj);
  if (node == NULL || node->flags != 0) {
    return 0;
  }
  if (GROWING_ROOM(graph->edges, graph->edge_count, graph->edge_room) < 0) {
    return -1;
  }
  graph->edges[graph->edge_count++] = (uint32_t)(node - graph->nodes);
  return 0;
}

static int
list_edges(Graph *graph)
{
  graph->starts = malloc((graph->count + 1) * sizeof *graph->starts);
  if (graph->starts == NULL) {
    return -1;
  }
  for (uint32_t i = 0; i < graph->count; i++) {
    graph->starts[i] = graph->edge_count;
    if (graph->nodes[i].flags == 0 && traverse(graph->nodes[i].obj, visit_edge, graph) < 0) {
      return -1;
    }
  }
  graph->starts[graph->count] = graph->edge_count;
  return 0;
}

/* Mark the JsProxies that only PyProxies keep alive, and all from which they are reached.
 * Returns how many nodes were marked, or -1 without memory. */
static int32_t
mark_relevant(Graph *graph)
{
  uint32_t count = graph->count;
  /* The edges backwards: those into node i lie from ends[i - 1] to ends[i]. */
  uint32_t *ends = calloc(count + 1, sizeof *ends);
  uint32_t *sources = malloc((graph->edge_count + 1) * sizeof *sources);
  int32_t marked = -1;
  if (ends != NULL && sources != NULL) {
    for (uint32_t i = 0; i < graph->edge_count; i++) {
      ends[graph->edges[i] + 1]++;
    }
    for (uint32_t i = 0; i < count; i++) {
      ends[i + 1] += ends[i];
    }
    for (uint32_t i = 0; i < count; i++) {
      for (uint32_t k = graph->starts[i]; k < graph->starts[i + 1]; k++) {
        sources[ends[graph->edges[k]]++] = i;
      }
      if (graph->nodes[i].flags == 0 && JsProxy_Check(graph->nodes[i].obj)) {
        mark(graph, &graph->nodes[i], NODE_RELEVANT);
      }
    }
    marked = 0;
    while (graph->depth > 0) {
      uint32_t i = graph->stack[--graph->depth];
      graph->nodes[i].refs = (uint32_t)marked++;
      for (uint32_t k = i ? ends[i - 1] : 0; k < ends[i]; k++) {
        mark(graph, &graph->nodes[sources[k]], NODE_RELEVANT);
      }
    }
  }
  free(ends);
  free(sources);
  return marked;
}

/* Objects with weak references that the last search has found, as a Bloom filter with one hash:
 * most weak references that are followed lead elsewhere. */
static uint8_t watched[1024];

static uint32_t
watch_bit(const PyObject *obj)
{
  return hash_of(obj) % (8 * sizeof watched);
}

static int
before_weakref(PyObject *obj)
{
  uint32_t bit = watch_bit(obj);
  return !(watched[bit / 8] & 1u << bit % 8) || jsx_cycles_wake(obj);
}

static uint32_t
watch_if_weakly_referenced(PyObject *obj)
{
  if (!PyType_SUPPORTS_WEAKREFS(Py_TYPE(obj)) || _PyWeakref_GetWeakrefCount(obj) == 0) {
    return 0;
  }
  uint32_t bit = watch_bit(obj);
  watched[bit / 8] |= (uint8_t)(1u << bit % 8);
  return 1;
}

/* The answer: the number of nodes, and for each the address of the object, two handles or 0,
 * whether it has weak references, and the number and places of the nodes that it refers to. */
static uint32_t *
describe_new(Graph *graph, uint32_t nodes)
{
  uint32_t *answer = malloc((1 + 5 * nodes + graph->edge_count) * sizeof *answer);
  uint32_t *order = malloc((nodes + 1) * sizeof *order);
  if (answer == NULL || order == NULL) {
    free(answer);
    free(order);
    return NULL;
  }
  for (uint32_t i = 0; i < graph->count; i++) {
    if (graph->nodes[i].flags == NODE_RELEVANT) {
      order[graph->nodes[i].refs] = i;
    }
  }
  uint32_t *at = answer;
  *at++ = nodes;
  for (uint32_t place = 0; place < nodes; place++) {
    uint32_t i = order[place];
    PyObject *obj = graph->nodes[i].obj;
    JsProxyFields *fields = JsProxy_Check(obj) ? JsProxy_fields(obj) : NULL;
    *at++ = (uint32_t)(uintptr_t)obj;
    *at++ = fields ? (uint32_t)(uintptr_t)fields->ref : 0;
    *at++ = fields ? (uint32_t)(uintptr_t)fields->this_ref : 0;
    *at++ = watch_if_weakly_referenced(obj);
    uint32_t *edge_count = at++;
    for (uint32_t k = graph->starts[i]; k < graph->starts[i + 1]; k++) {
      Node *target = &graph->nodes[graph->edges[k]];
      if (target->flags == NODE_RELEVANT) {
        *at++ = target->refs;
      }
    }
    *edge_count = (uint32_t)(at - edge_count - 1);
  }
  free(order);
  return answer;
}

static uint32_t *
search_new(Graph *graph, const uint32_t *exported, int32_t n)
{
  if (discover(graph, exported, n) < 0) {
    return NULL;
  }
  graph->stack = malloc((graph->count + 1) * sizeof *graph->stack);
  if (graph->stack == NULL) {
    return NULL;
  }
  mark_live(graph);
  int32_t nodes = list_edges(graph) < 0 ? -1 : mark_relevant(graph);
  return nodes > 0 ? describe_new(graph, (uint32_t)nodes) : NULL;
}

JsVal
pyx_cycles_find(PYX_PARAMS)
{
  /* A program has ended, and JavaScript does not know it yet. */
  if (!Py_IsInitialized()) {
    slot_set_int(out, 0);
    return JSVAL_NONE;
  }
  Graph graph = { 0 };
  memset(watched, 0, sizeof watched);
  _PyWeakref_Hook = before_weakref;
  uint32_t *answer = search_new(&graph, (const uint32_t *)(uintptr_t)(uint32_t)a, n);
  free(graph.nodes);
  free(graph.table);
  free(graph.starts);
  free(graph.edges);
  free(graph.stack);
  slot_set_int(out, (int32_t)(uintptr_t)answer);
  return JSVAL_NONE;
}

static JsRef
handle_of(int32_t bits)
{
  return (JsRef)(uintptr_t)(uint32_t)bits;
}

JsVal
pyx_handle_read(PYX_PARAMS)
{
  return handles_get(handle_of(a));
}

JsVal
pyx_handle_weaken(PYX_PARAMS)
{
  handles_set(handle_of(a), r0, 1);
  return JSVAL_NONE;
}

JsVal
pyx_handle_strengthen(PYX_PARAMS)
{
  handles_set(handle_of(a), r0, 0);
  return JSVAL_NONE;
}

/* An import cannot be pointed to: the pointer would be to emcc's empty stand-in. */
static void
after_collection(void)
{
  jsx_cycles_soon();
}

void
cycles_init(void)
{
  _PyGC_FullCollectionHook = after_collection;
}
