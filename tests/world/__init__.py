"""A library of photos of which everything is known: a life is planned, and carried out as files.

A plan (:mod:`tests.world.plan`) says when and where photos were taken, on which trips, which of
them are bursts, copies or clutter; :mod:`tests.world.files` makes the files. The photos themselves
are real ones of a pack or drawn (:mod:`tests.world.pictures`). The same seed gives the same world.
"""
