"""Pictures drawn by code, for what the photos at hand show too little of.

Each file draws one kind of thing, from a :class:`~ansa_train.data.synthetic.canvas.Canvas` that has
the chance, the typefaces and the photos it works with. Nothing here is a copy of anything: words,
prices and names are made up syllable by syllable.
"""
