"""The operations of the API, one file for each area; :mod:`ansa.app.routes.all` holds all of them.

:mod:`ansa.app.routes.library` and :mod:`ansa.app.routes.photos` are what the first pictures need.
"""
