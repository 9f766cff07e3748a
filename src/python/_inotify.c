/*
 * _inotify.c - inotify for Python 3, as thin as it can be.
 *
 * Owns: the translation between Python's objects and errors and the calls below. Must not know:
 * trees, paths, anything that pywatch infers; the kernel's records reach Python as they are.
 *
 * The module has no state but the keys of its dicts, one set an interpreter. Nothing is remembered
 * about a descriptor: it is a number, and its events wait in the kernel (see queue.h).
 */
#include "config.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <errno.h>
#include <stdint.h>

#include "inotify.h"
#include "python/queue.h"

/* ---- events as dicts ------------------------------------------------------------------------ */

enum key { KEY_WD, KEY_MASK, KEY_COOKIE, KEY_NAME, KEY_LEN, KEYS };

struct state {
    PyObject *key[KEYS];
};

/* Puts a value, whose reference it takes over, into the dict. NULL: it could not be made. */
static int put(PyObject *dict, PyObject *key, PyObject *value)
{
    int status;

    if (value == NULL)
        return -1;
    status = PyDict_SetItem(dict, key, value);
    Py_DECREF(value);
    return status;
}

static PyObject *name_of(const struct raw *r)
{
    if (r->namelen == 0)
        Py_RETURN_NONE;
    return PyUnicode_DecodeFSDefaultAndSize(r->name, r->namelen);
}

/* The dict of one record, of which the kernel used len bytes for the name. */
static PyObject *dict_of(const struct state *state, const struct raw *r, size_t len)
{
    PyObject *dict = PyDict_New();

    if (dict == NULL)
        return NULL;
    if (put(dict, state->key[KEY_WD], PyLong_FromLong(r->wd)) < 0 ||
        put(dict, state->key[KEY_MASK], PyLong_FromUnsignedLong(r->mask)) < 0 ||
        put(dict, state->key[KEY_COOKIE], PyLong_FromUnsignedLong(r->cookie)) < 0 ||
        put(dict, state->key[KEY_NAME], name_of(r)) < 0 ||
        put(dict, state->key[KEY_LEN], PyLong_FromSize_t(len)) < 0)
        Py_CLEAR(dict);
    return dict;
}

/* ---- arguments ------------------------------------------------------------------------------ */

/* Converters for PyArg_ParseTuple: 1, or 0 with an exception. */

static int to_fd(PyObject *object, void *result)
{
    int fd = PyObject_AsFileDescriptor(object);

    *(int *)result = fd;
    return fd >= 0;
}

static int to_mask(PyObject *object, void *result)
{
    PyObject *number = PyNumber_Index(object);
    unsigned long mask;

    if (number == NULL)
        return 0;
    mask = PyLong_AsUnsignedLong(number);
    Py_DECREF(number);
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_OverflowError))
        return 0;
    if (PyErr_Occurred() || mask > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "mask must be from 0 to 0xffffffff");
        return 0;
    }
    *(uint32_t *)result = (uint32_t)mask;
    return 1;
}

/* ---- functions ------------------------------------------------------------------------------ */

PyDoc_STRVAR(create_doc, "create()\n--\n\n"
                         "Open an inotify instance and return its file descriptor.\n\n"
                         "It is non-blocking and is not inherited by programs that are started.\n"
                         "Wait with select, poll or an event loop until it can be read, then call\n"
                         "read_event(); os.close() closes it, and ends its watches.");

static PyObject *create(PyObject *module, PyObject *unused)
{
    int fd;

    (void)module;
    (void)unused;
    Py_BEGIN_ALLOW_THREADS
    fd = inotify_open();
    Py_END_ALLOW_THREADS
    return fd < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(fd);
}

PyDoc_STRVAR(add_doc, "add(fd, path, mask, /)\n--\n\n"
                      "Watch path for the events in mask and return the watch descriptor.\n\n"
                      "path is a str, bytes or os.PathLike. A watch belongs to the file, not to\n"
                      "the path: where the file is being watched already, by whatever name, its\n"
                      "descriptor is returned, and its mask replaced (or extended, with\n"
                      "MASK_ADD). An OSError bears the path as its filename.");

static PyObject *add(PyObject *module, PyObject *args)
{
    PyObject *path, *bytes;
    uint32_t mask;
    int fd, wd;

    (void)module;
    if (!PyArg_ParseTuple(args, "O&OO&:add", to_fd, &fd, &path, to_mask, &mask) ||
        !PyUnicode_FSConverter(path, &bytes))
        return NULL;
    do {
        Py_BEGIN_ALLOW_THREADS
        wd = inotify_arm(fd, PyBytes_AS_STRING(bytes), mask);
        Py_END_ALLOW_THREADS
    } while (wd < 0 && errno == EINTR && PyErr_CheckSignals() == 0);
    if (wd < 0 && !PyErr_Occurred())
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    Py_DECREF(bytes);
    return wd < 0 ? NULL : PyLong_FromLong(wd);
}

PyDoc_STRVAR(remove_doc, "remove(fd, wd, /)\n--\n\n"
                         "End a watch. An event with IGNORED follows.\n\n"
                         "OSError (EINVAL): it has ended already, as with the file it was on.");

static PyObject *drop(PyObject *module, PyObject *args)
{
    int fd, wd, status;

    (void)module;
    if (!PyArg_ParseTuple(args, "O&i:remove", to_fd, &fd, &wd))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = inotify_disarm(fd, wd);
    Py_END_ALLOW_THREADS
    if (status < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

/*
 * Takes one record. Where the read cannot wait, it is not worth letting go of the interpreter for:
 * a busy thread would keep it for 5 ms each time.
 */
static ssize_t take(struct queue *q, struct raw *r)
{
    ssize_t size;

    if (!q->waits)
        return queue_take(q, r);
    Py_BEGIN_ALLOW_THREADS
    size = queue_take(q, r);
    Py_END_ALLOW_THREADS
    return size;
}

PyDoc_STRVAR(read_event_doc,
             "read_event(fd, callback, /)\n--\n\n"
             "Call callback(event) for each event that is queued now, oldest first.\n\n"
             "event is a new dict:\n"
             "  wd      the watch descriptor that add() returned; -1 with Q_OVERFLOW\n"
             "  mask    the bits of what happened, with ISDIR where it is about a directory\n"
             "  cookie  joins a MOVED_FROM and its MOVED_TO; else 0\n"
             "  name    the entry of the watched directory, as os.fsdecode() gives it; None where\n"
             "          the event is about the watched file or directory itself\n"
             "  len     the bytes that the kernel used for the name, padding included; else 0\n\n"
             "BlockingIOError: nothing is queued. An exception of the callback is passed on;\n"
             "the events behind the one it was called with stay queued, and the descriptor\n"
             "readable, until read_event() is called again.");

static PyObject *read_event(PyObject *module, PyObject *args)
{
    const struct state *state = PyModule_GetState(module);
    PyObject *callback, *dict, *result;
    bool called = false;
    struct queue q;
    struct raw r;
    ssize_t size;
    int fd, status;

    if (!PyArg_ParseTuple(args, "O&O:read_event", to_fd, &fd, &callback))
        return NULL;
    if (!PyCallable_Check(callback))
        return PyErr_Format(PyExc_TypeError, "callback must be callable, not %.200s",
                            Py_TYPE(callback)->tp_name);
    Py_BEGIN_ALLOW_THREADS
    status = queue_open(&q, fd);
    Py_END_ALLOW_THREADS
    if (status < 0)
        return PyErr_SetFromErrno(PyExc_OSError);

    while ((size = take(&q, &r)) > 0) {
        dict = dict_of(state, &r, (size_t)size - sizeof(struct inotify_event));
        if (dict == NULL)
            goto out;
        result = PyObject_CallFunctionObjArgs(callback, dict, NULL);
        Py_DECREF(dict);
        if (result == NULL)
            goto out;
        Py_DECREF(result);
        called = true;
        /* A callback in C would not see to them. */
        if (PyErr_CheckSignals() < 0)
            goto out;
    }
    /* Somebody else may have read what was there. */
    if (size == 0 && !called) {
        errno = EAGAIN;
        size = -1;
    }
    if (size < 0)
        PyErr_SetFromErrno(PyExc_OSError);

out:
    queue_close(&q);
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

/* ---- the module ----------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    { "create", create, METH_NOARGS, create_doc },
    { "add", add, METH_VARARGS, add_doc },
    { "remove", drop, METH_VARARGS, remove_doc },
    { "read_event", read_event, METH_VARARGS, read_event_doc },
    { NULL, NULL, 0, NULL },
};

static const struct constant {
    const char *name;
    uint32_t value;
} constants[] = {
#define EVENT(name, mask, help) { #name, mask },
#define EVENT_JOINT(name, mask, help) { #name, mask },
#define EVENT_GROUP(name, mask, help) { #name, mask },
#define WATCH_FLAG(name, mask, help) { #name, mask },
#include "event.def"
    { "IN_MASK_ADD", IN_MASK_ADD },
    { "CLOSE_EXEC", IN_CLOEXEC },
};

static int fill(PyObject *module)
{
    static const char *const key[KEYS] = { "wd", "mask", "cookie", "name", "len" };
    struct state *state = PyModule_GetState(module);
    PyObject *value;
    int status;
    size_t i;

    for (i = 0; i < KEYS; i++) {
        state->key[i] = PyUnicode_InternFromString(key[i]);
        if (state->key[i] == NULL)
            return -1;
    }
    /* Not PyModule_AddIntConstant, whose long cannot hold ONESHOT everywhere. */
    for (i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
        value = PyLong_FromUnsignedLong(constants[i].value);
        if (value == NULL)
            return -1;
        status = PyObject_SetAttrString(module, constants[i].name, value);
        Py_DECREF(value);
        if (status < 0)
            return -1;
    }
    return 0;
}

static int clear(PyObject *module)
{
    struct state *state = PyModule_GetState(module);
    int i;

    for (i = 0; state != NULL && i < KEYS; i++)
        Py_CLEAR(state->key[i]);
    return 0;
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    struct state *state = PyModule_GetState(module);
    int i;

    for (i = 0; state != NULL && i < KEYS; i++)
        Py_VISIT(state->key[i]);
    return 0;
}

static void release(void *module)
{
    clear(module);
}

static PyModuleDef_Slot slots[] = {
    { Py_mod_exec, fill },
#ifdef Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
    { Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED },
#endif
#ifdef Py_MOD_GIL_NOT_USED
    { Py_mod_gil, Py_MOD_GIL_NOT_USED },
#endif
    { 0, NULL },
};

PyDoc_STRVAR(module_doc, "inotify(7): what happens to files and directories, on Linux.\n\n"
                         "create() an instance, add() watches to it, wait until it can be read,\n"
                         "read_event(). The constants are the masks of events (CREATE, MOVE ...),\n"
                         "two groups of pywatch's own (CHANGE, COMPLETE), what else a record can\n"
                         "bear (ISDIR, IGNORED, Q_OVERFLOW, UNMOUNT), and how add() watches\n"
                         "(DONT_FOLLOW, EXCL_UNLINK, MASK_ADD, MASK_CREATE, ONESHOT, ONLYDIR).\n"
                         "CLOSE_EXEC is what create() always does; it is no part of a mask.");

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_inotify",
    .m_doc = module_doc,
    .m_size = sizeof(struct state),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

/* Visible: Python 3.8 does not say so itself. */
__attribute__((visibility("default"))) PyMODINIT_FUNC PyInit__inotify(void);
PyMODINIT_FUNC PyInit__inotify(void)
{
    return PyModuleDef_Init(&definition);
}
