"""For all tests: files that take long begin first, and the heap that all have in common is looked at only once."""

import gc

gc.disable()  # nothing of what is collected is garbage


def pytest_collection_modifyitems(items):
    """Files with slow tests first: of two workers neither waits long for the other at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish():
    """Half a million objects of libraries stay for good: a full collection passed over them for half a second each."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
