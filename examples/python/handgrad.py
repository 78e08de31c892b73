"""libhandgrad for Python: a thin binding by ctypes, which needs NumPy and nothing to compile. include/handgrad says what
the functions do; what fails raises Error with the library's own message.

Arrays are borrowed, as in C: a Dataset reads the memory of the arrays that it was made of, which must stay unchanged while
it lives. What the library could not read as it stands (another type, another order in memory) is refused, not copied."""

import ctypes
import ctypes.util
import os
from ctypes import POINTER, byref, c_bool, c_char_p, c_double, c_int, c_size_t, c_void_p

import numpy as np

MLP, AUTOENCODER = 0, 1  # enum hg_model_kind


class Error(Exception):
    """`status` is enum hg_status: 64 a wrong option, 65 unfit data, 66 no such file ..."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Metrics(ctypes.Structure):
    """struct hg_metrics: what is known at the end of an epoch; NaN where a value does not apply."""

    _fields_ = [("epoch", c_size_t), ("step", c_size_t)] + [
        (name, c_double)
        for name in ("lr", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss",
                     "test_accuracy", "optimality_gap", "optimality_distance", "seconds", "samples_per_second")
    ]  # fmt: skip


class Evaluation(ctypes.Structure):
    """struct hg_evaluation."""

    _fields_ = [(name, c_double) for name in ("loss", "accuracy", "optimum", "optimality_gap", "optimality_distance")]


def _load():
    """The library that HANDGRAD_LIBRARY names, or the installed one."""
    path = os.environ.get("HANDGRAD_LIBRARY") or ctypes.util.find_library("handgrad")
    if not path:
        raise OSError("libhandgrad was not found: install it where the system's loader looks, or set HANDGRAD_LIBRARY "
                      "to the path of libhandgrad.so")  # fmt: skip
    return ctypes.CDLL(path)


_library = _load()


def _raise_failure(status, function, arguments):
    if status != 0:
        raise Error(status, _library.hg_message().decode(errors="replace"))
    return status


def _declare(name, result, *arguments):
    function = getattr(_library, name)
    function.restype, function.argtypes = result, arguments


def _declare_fallible(name, *arguments):
    _declare(name, c_int, *arguments)
    getattr(_library, name).errcheck = _raise_failure


_declare("hg_message", c_char_p)
_declare_fallible("hg_dataset_from_bytes", POINTER(c_void_p), c_size_t, c_size_t, c_size_t, c_void_p, c_void_p)
_declare_fallible("hg_dataset_from_floats", POINTER(c_void_p), c_size_t, c_size_t, c_size_t, c_void_p, c_void_p)
_declare("hg_dataset_count", c_size_t, c_void_p)
_declare("hg_dataset_free", None, c_void_p)
_declare_fallible("hg_train_options_create", POINTER(c_void_p), c_int)
_declare_fallible("hg_train_options_set", c_void_p, c_char_p, c_char_p)
_declare("hg_train_options_free", None, c_void_p)
_declare_fallible("hg_trainer_create", POINTER(c_void_p), c_void_p, c_void_p, c_void_p)
_declare_fallible("hg_trainer_epoch", c_void_p, c_void_p, c_void_p, POINTER(Metrics))
_declare("hg_trainer_finished", c_bool, c_void_p)
_declare("hg_trainer_free", None, c_void_p)
_declare_fallible("hg_run_create", POINTER(c_void_p), c_char_p)
_declare_fallible("hg_run_save", c_void_p, c_void_p)
_declare("hg_run_close", None, c_void_p)
_declare_fallible("hg_model_load", POINTER(c_void_p), c_char_p, c_char_p, c_int)
_declare("hg_model_classes", c_size_t, c_void_p)
_declare("hg_model_hidden", c_size_t, c_void_p)
_declare_fallible("hg_model_evaluate", c_void_p, c_void_p, POINTER(Evaluation))
_declare_fallible("hg_model_forward", c_void_p, c_void_p, c_size_t, c_size_t, c_void_p)
_declare("hg_model_free", None, c_void_p)


class _Handle:
    """An object of the library, which is freed with this one."""

    _free = None

    def __init__(self):
        self.handle = c_void_p()

    def __del__(self):
        if getattr(self, "handle", None):
            self._free(self.handle)


def _require(array, name, types, dimensions):
    if not isinstance(array, np.ndarray) or array.dtype not in types or array.ndim not in dimensions:
        raise TypeError(f"{name}: an array of {' or '.join(map(str, types))} with {' or '.join(map(str, dimensions))} "
                        f"dimensions is needed")  # fmt: skip
    if not array.flags.c_contiguous:
        raise ValueError(f"{name}: is not contiguous in memory; numpy.ascontiguousarray makes a copy that is")


class Dataset(_Handle):
    """values: uint8, of which a byte stands for value / 255, or float32, as [samples, features] or, where they are images,
    [samples, height, width]. labels: uint8, [samples]; None: there are none."""

    _free = _library.hg_dataset_free

    def __init__(self, values, labels=None):
        super().__init__()
        _require(values, "values", (np.dtype(np.uint8), np.dtype(np.float32)), (2, 3))
        if labels is not None:
            _require(labels, "labels", (np.dtype(np.uint8),), (1,))
            if len(labels) != len(values):
                raise ValueError(f"labels: there are {len(labels)}, of {len(values)} samples")
        self.arrays = values, labels  # the library reads their memory
        height, width = values.shape[1:] if values.ndim == 3 else (0, values.shape[1])
        create = _library.hg_dataset_from_bytes if values.dtype == np.uint8 else _library.hg_dataset_from_floats
        create(byref(self.handle), len(values), height, width, values.ctypes.data,
               None if labels is None else labels.ctypes.data)  # fmt: skip

    def __len__(self):
        return _library.hg_dataset_count(self.handle)


class Options(_Handle):
    """The options of training, by their names in docs/OPTIONS.md: Options(MLP, hidden=64, lr_schedule="cosine")."""

    _free = _library.hg_train_options_free

    def __init__(self, model, /, **values):
        super().__init__()
        _library.hg_train_options_create(byref(self.handle), model)
        self.texts = []  # borrowed, too
        for name, value in values.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            self.texts.append(text.encode())
            _library.hg_train_options_set(self.handle, name.encode(), self.texts[-1])


class Trainer(_Handle):
    """Iterating over it trains: each step of the iteration is an epoch and gives its Metrics."""

    _free = _library.hg_trainer_free

    def __init__(self, options, train, test=None):
        super().__init__()
        self.datasets = train, test  # which must outlive it
        _library.hg_trainer_create(byref(self.handle), options.handle, train.handle, test and test.handle)

    def __iter__(self):
        while not _library.hg_trainer_finished(self.handle):
            metrics = Metrics()
            _library.hg_trainer_epoch(self.handle, None, None, byref(metrics))
            yield metrics

    def save(self, directory):
        """Makes a run directory with the checkpoint and model.safetensors."""
        run = c_void_p()
        _library.hg_run_create(byref(run), os.fsencode(directory))
        try:
            _library.hg_run_save(run, self.handle)
        finally:
            _library.hg_run_close(run)


class Model(_Handle):
    """A trained model: a run directory or a .safetensors file."""

    _free = _library.hg_model_free

    def __init__(self, path, backend="auto", threads=0):
        super().__init__()
        _library.hg_model_load(byref(self.handle), os.fsencode(path), backend.encode(), threads)

    def evaluate(self, dataset):
        evaluation = Evaluation()
        _library.hg_model_evaluate(self.handle, dataset.handle, byref(evaluation))
        return evaluation

    def forward(self, dataset):
        """[samples, classes], the probabilities; of an autoencoder [samples, hidden], the codes."""
        width = _library.hg_model_classes(self.handle) or _library.hg_model_hidden(self.handle)
        out = np.empty((len(dataset), width), np.float32)
        _library.hg_model_forward(self.handle, dataset.handle, 0, len(dataset), out.ctypes.data)
        return out
