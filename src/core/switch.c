/* Switching stacks: see switch.h.
 *
 * The engine switches its own stack. What it does not know is switched here: the part of linear
 * memory that C uses as its stack, and what the interpreter keeps of the running thread.
 *
 * While a promising call waits, its part of C's stack lies in a copy, which is put back at the
 * same addresses when the engine goes on with the call. Nothing else can be there then, for the
 * engine does that when no other WebAssembly runs. What the interpreter keeps is exchanged field
 * by field, as greenlet does it (greenlet, "TPythonState.cpp"): frames, exceptions, recursion and
 * context. asyncio's current task goes with it. */
#include "switch.h"

#include <emscripten/stack.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "js_to_py.h"
#include "jsproxy/jsproxy.h"
#include "slot.h"

int switch_forbidden;

/** What the interpreter keeps of one thread of execution. */
typedef struct {
  int py_recursion_remaining;
  int c_recursion_remaining;
  int recursion_headroom;
  struct _PyInterpreterFrame *current_frame;
  PyObject *current_exception;
  _PyErr_StackItem *exc_info;
  _PyErr_StackItem exc_state;
  PyObject *delete_later;
  PyObject *context;
  _PyStackChunk *datastack_chunk;
  PyObject **datastack_top;
  PyObject **datastack_limit;
} Thread;

struct SwitchStack {
  /* Its own while it waits, and what it has interrupted while it runs. */
  Thread inside;
  Thread outside;
  SwitchStack *below;
  /* The task of asyncio that it has interrupted, or NULL. */
  PyObject *outer_task;
  /* Where C's stack was when the call began, and when it was continued. */
  char *base;
  char *after;
  char *copy;
  size_t room;
};

static SwitchStack *running;

/* The first chunk of frames of a promising call that has ended, for the next one. */
static _PyStackChunk *spare_chunk;

static void
take(Thread *thread, const PyThreadState *tstate)
{
  *thread = (Thread){
    .py_recursion_remaining = tstate->py_recursion_remaining,
    .c_recursion_remaining = tstate->c_recursion_remaining,
    .recursion_headroom = tstate->recursion_headroom,
    .current_frame = tstate->current_frame,
    .current_exception = tstate->current_exception,
    .exc_info = tstate->exc_info,
    .exc_state = tstate->exc_state,
    .delete_later = tstate->delete_later,
    .context = tstate->context,
    .datastack_chunk = tstate->datastack_chunk,
    .datastack_top = tstate->datastack_top,
    .datastack_limit = tstate->datastack_limit,
  };
}

static void
put(const Thread *thread, PyThreadState *tstate)
{
  tstate->py_recursion_remaining = thread->py_recursion_remaining;
  tstate->c_recursion_remaining = thread->c_recursion_remaining;
  tstate->recursion_headroom = thread->recursion_headroom;
  tstate->current_frame = thread->current_frame;
  tstate->current_exception = thread->current_exception;
  tstate->exc_info = thread->exc_info;
  tstate->exc_state = thread->exc_state;
  tstate->delete_later = thread->delete_later;
  tstate->context = thread->context;
  /* Values of context variables are cached under this number. */
  tstate->context_ver++;
  tstate->datastack_chunk = thread->datastack_chunk;
  tstate->datastack_top = thread->datastack_top;
  tstate->datastack_limit = thread->datastack_limit;
}

/** Call a function of _pyodide._switch. New reference, or NULL with an error set. */
static PyObject *
helper(const char *name, PyObject *arg)
{
  PyObject *module = PyImport_ImportModule("_pyodide._switch");
  PyObject *result = module ? PyObject_CallMethod(module, name, arg ? "O" : NULL, arg) : NULL;
  Py_XDECREF(module);
  return result;
}

/** Take asyncio's current task from it. Returns 0, or -1 with an error set; *task becomes a new
 *  reference, or NULL when there is none. */
static int
leave_task(PyObject **task)
{
  *task = helper("leave_task", NULL);
  if (*task == NULL) {
    return -1;
  }
  if (*task == Py_None) {
    *task = NULL;
  }
  return 0;
}

/** Make a task asyncio's current one again. Consumes the reference, which may be NULL. */
static void
enter_task(PyObject *take_task)
{
  if (take_task == NULL) {
    return;
  }
  PyObject *error = PyErr_GetRaisedException();
  PyObject *nothing = helper("enter_task", take_task);
  if (nothing == NULL) {
    PyErr_WriteUnraisable(take_task);
  }
  Py_XDECREF(nothing);
  Py_DECREF(take_task);
  PyErr_SetRaisedException(error);
}

/** Give the thread that begins a copy of the context and nothing else. Returns 0, or -1 with an
 *  error set. */
static int
begin_thread(PyThreadState *tstate)
{
  PyObject *context = NULL;
  if (tstate->context != NULL && (context = PyContext_CopyCurrent()) == NULL) {
    return -1;
  }
  Thread fresh = {
    .py_recursion_remaining = tstate->py_recursion_remaining,
    .c_recursion_remaining = tstate->c_recursion_remaining,
    .exc_info = &tstate->exc_state,
    .context = context,
  };
  if (spare_chunk != NULL) {
    /* As _PyThreadState_PushFrame has it: the first chunk's first place stays free. */
    fresh.datastack_chunk = spare_chunk;
    fresh.datastack_top = &spare_chunk->data[1];
    fresh.datastack_limit = (PyObject **)((char *)spare_chunk + spare_chunk->size);
    spare_chunk = NULL;
  }
  put(&fresh, tstate);
  return 0;
}

/** Let go of what a thread has when its call has ended. */
static void
end_thread(PyThreadState *tstate)
{
  Py_CLEAR(tstate->context);
  _PyStackChunk *chunk = tstate->datastack_chunk;
  if (chunk != NULL && spare_chunk == NULL) {
    spare_chunk = chunk;
  } else if (chunk != NULL) {
    PyObjectArenaAllocator allocator;
    PyObject_GetArenaAllocator(&allocator);
    allocator.free(allocator.ctx, chunk, chunk->size);
  }
}

SwitchStack *
switch_begin(char *base)
{
  PyThreadState *tstate = PyThreadState_GetUnchecked();
  if (tstate == NULL) {
    return NULL;
  }
  SwitchStack *stack = calloc(1, sizeof *stack);
  if (stack == NULL) {
    PyErr_NoMemory();
    return NULL;
  }
  /* Only Python code below has a task. */
  if (tstate->current_frame != NULL && leave_task(&stack->outer_task) < 0) {
    free(stack);
    return NULL;
  }
  take(&stack->outside, tstate);
  if (begin_thread(tstate) < 0) {
    enter_task(stack->outer_task);
    free(stack);
    return NULL;
  }
  stack->base = stack->after = base;
  stack->below = running;
  running = stack;
  return stack;
}

char *
switch_end(SwitchStack *stack)
{
  PyThreadState *tstate = PyThreadState_Get();
  end_thread(tstate);
  put(&stack->outside, tstate);
  running = stack->below;
  enter_task(stack->outer_task);
  char *after = stack->after;
  free(stack->copy);
  free(stack);
  return after;
}

/** Let JavaScript go on until the promise is settled. Returns what jsx_resumed reads.
 *
 *  Between the first and the last line about C's stack nothing may be on it. */
static __attribute__((noinline)) JsVal
wait_for(JsVal promise, char *sp, size_t size)
{
  SwitchStack *self = running;
  PyThreadState *tstate = PyThreadState_Get();
  take(&self->inside, tstate);
  put(&self->outside, tstate);
  running = self->below;
  memcpy(self->copy, sp, size);
  _emscripten_stack_restore(self->after);
  JsVal settled = jsx_suspend(promise);
  char *after = (char *)emscripten_stack_get_current();
  memcpy(sp, self->copy, size);
  _emscripten_stack_restore(sp);
  self->after = after;
  self->below = running;
  running = self;
  take(&self->outside, tstate);
  put(&self->inside, tstate);
  return settled;
}

/** Returns 0, or -1 with an error set. */
static int
make_room(SwitchStack *stack, size_t size)
{
  if (size <= stack->room) {
    return 0;
  }
  free(stack->copy);
  stack->room = 0;
  stack->copy = malloc(size);
  if (stack->copy == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  stack->room = size;
  return 0;
}

static int
can_switch(void)
{
  return running != NULL && switch_forbidden == 0 && jsx_can_switch() == SWITCH_POSSIBLE;
}

static int
check_can_switch(void)
{
  if (can_switch()) {
    return 0;
  }
  if (jsx_can_switch() == SWITCH_UNSUPPORTED) {
    PyErr_SetString(PyExc_RuntimeError,
                    "Cannot stack switch: WebAssembly stack switching not supported in this "
                    "JavaScript runtime. Use `await` in an async function, or in code that "
                    "runPythonAsync runs, instead of run_sync()");
  } else {
    PyErr_SetString(PyExc_RuntimeError,
                    "Cannot stack switch because JavaScript has called Python synchronously. "
                    "Use pyFunc.callPromising() in JavaScript to call the Python function, or "
                    "runPythonAsync instead of runPython");
  }
  return -1;
}

/** Wait until the promise is settled or a handler of a signal has raised an exception. New
 *  reference, or NULL with an error set. */
static PyObject *
wait_or_handle_signals(SwitchStack *stack, JsVal promise)
{
  Slot out[2];
  JsVal value;
  do {
    calls_release_result();
    char *sp = (char *)emscripten_stack_get_current();
    size_t size = (size_t)(stack->base - sp);
    if (make_room(stack, size) < 0) {
      return NULL;
    }
    value = jsx_resumed(wait_for(promise, sp, size), out);
    if (out->tag == TAG_ABSENT && PyErr_CheckSignals() < 0) {
      return NULL;
    }
  } while (out->tag == TAG_ABSENT);
  return js_to_py_answer_new(out, value);
}

static PyObject *
suspend(PyObject *Py_UNUSED(self), PyObject *promise)
{
  if (!JsProxy_Check(promise)) {
    return PyErr_Format(PyExc_TypeError, "suspend() argument must be a JsProxy, not %s",
                        Py_TYPE(promise)->tp_name);
  }
  if (check_can_switch() < 0) {
    return NULL;
  }
  SwitchStack *stack = running;
  PyObject *task;
  if (leave_task(&task) < 0) {
    return NULL;
  }
  enter_task(stack->outer_task);
  stack->outer_task = NULL;
  PyObject *result = wait_or_handle_signals(stack, JsProxy_value(promise));
  enter_task(task);
  return result;
}

static PyObject *
new_signal(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
  Slot out[2];
  calls_release_result();
  JsVal signal = jsx_op(OP_SIGNAL, JSVAL_NONE, NULL, JSVAL_NONE, NULL, JSVAL_NONE, out);
  return js_to_py_answer_new(out, signal);
}

PyMethodDef switch_functions[] = {
  { "suspend", suspend, METH_O,
    "suspend(promise, /)\n--\n\n"
    "Let JavaScript go on until the promise is settled; then return or raise its outcome." },
  { "new_signal", new_signal, METH_NOARGS,
    "new_signal()\n--\n\nA JavaScript object with a `promise` and its function `resolve`." },
  { 0 },
};

PyObject *
switch_can_run_sync(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
  return PyBool_FromLong(can_switch());
}

PyObject *
switch_run_sync(PyObject *Py_UNUSED(self), PyObject *awaitable)
{
  if (!(py_flags_of(awaitable) & PYF_IS_AWAITABLE)) {
    return PyErr_Format(PyExc_TypeError, "run_sync() argument must be awaitable, not %s",
                        Py_TYPE(awaitable)->tp_name);
  }
  if (check_can_switch() < 0) {
    return NULL;
  }
  return helper("run_sync", awaitable);
}
