"""The schema of a library's database, and the migrations from each of its versions to the next."""

from __future__ import annotations

import re

# Signals belong to a photo's content, not to its path: renaming, moving or copying a file needs
# only a hash and no analysis. Several files may have one photo. A signal is found by (photo, head,
# bundle), so vectors of two bundles are never mixed.
_FIRST = """
CREATE TABLE roots (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE            -- absolute real path, as the file system's bytes
);
CREATE TABLE photos (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,         -- sha256 of the file's bytes
    width INTEGER NOT NULL,              -- facts, see ansa.scene.Facts
    height INTEGER NOT NULL,
    format TEXT,
    taken TEXT,
    latitude REAL,
    longitude REAL,
    camera TEXT
);
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    root INTEGER NOT NULL REFERENCES roots,
    path BLOB NOT NULL,                  -- relative to the root
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ok', 'skipped', 'failed', 'quarantined')),
    photo INTEGER REFERENCES photos CHECK ((status = 'ok') = (photo IS NOT NULL)),
    reader TEXT NOT NULL,                -- versions of what read it; others try failures again
    reason TEXT NOT NULL DEFAULT '',
    remedy TEXT NOT NULL DEFAULT '',
    missing_since TEXT,                  -- UTC; NULL while the file is there
    UNIQUE (root, path)
);
CREATE INDEX files_by_photo ON files (photo);
CREATE TABLE bundles (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE          -- ansa.model.bundle.Bundle.id, or what else read photos
);
CREATE TABLE signals (
    photo INTEGER NOT NULL REFERENCES photos,
    head TEXT NOT NULL,
    bundle INTEGER NOT NULL REFERENCES bundles,
    version INTEGER NOT NULL,            -- of the head
    data BLOB NOT NULL,
    PRIMARY KEY (photo, head, bundle)
);
CREATE TABLE everyday (                  -- reference texts, embedded once for each bundle
    bundle INTEGER PRIMARY KEY REFERENCES bundles,
    texts BLOB NOT NULL,                 -- sha256 of the texts
    data BLOB NOT NULL
);
"""
# The user's data, which cannot be computed again from the photos.
_EXPERIENCES = """
CREATE TABLE marks (                     -- favourites and hidden photos
    photo INTEGER PRIMARY KEY REFERENCES photos,
    mark TEXT NOT NULL CHECK (mark IN ('favourite', 'hidden'))
);
CREATE TABLE taught (                    -- examples of the classes that people teach
    name TEXT NOT NULL,
    photo INTEGER NOT NULL REFERENCES photos,
    shown INTEGER NOT NULL CHECK (shown IN (0, 1)),
    PRIMARY KEY (name, photo)
);
CREATE TABLE learned (                   -- from such examples and from marks: may be lost
    subject TEXT PRIMARY KEY,
    examples BLOB NOT NULL,              -- sha256 of what it was learned from
    data TEXT NOT NULL
);
CREATE TABLE located (                   -- towns at coordinates, as a table of towns has them
    source TEXT NOT NULL,                -- and its version
    latitude REAL NOT NULL,              -- rounded; see ansa.library.search.geocode_cache
    longitude REAL NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (source, latitude, longitude)
);
CREATE TABLE names (                     -- of tags, as the text network reads them
    bundle INTEGER NOT NULL REFERENCES bundles,
    name TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (bundle, name)
);
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE dismissed (                 -- memories that are not to be proposed again
    memory TEXT NOT NULL,
    family TEXT NOT NULL,                -- of such memories; see ansa.library.memories.proposals
    photo INTEGER NOT NULL REFERENCES photos,
    PRIMARY KEY (memory, photo)
);
"""
# A separate table, so that an old library that can only be read gets an empty one.
_SOURCES = """
CREATE TABLE sources (                   -- what said when and where; see ansa.scene.Facts
    photo INTEGER PRIMARY KEY REFERENCES photos,
    taken TEXT,
    precision TEXT NOT NULL,             -- of photos.taken
    place TEXT
);
"""
# The user's data belongs to contents, not to rows, so that it outlives the library's file: it is
# also written to a second file (see user_data.py) and restored from there.
_BY_CONTENT = """
CREATE TABLE told_marks (                -- favourites and hidden photos
    digest BLOB PRIMARY KEY,
    mark TEXT NOT NULL CHECK (mark IN ('favourite', 'hidden'))
);
CREATE TABLE told_tags (                 -- examples of the tags that people teach
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    shown INTEGER NOT NULL CHECK (shown IN (0, 1)),
    PRIMARY KEY (name, digest)
);
CREATE TABLE told_memories (             -- memories that are not to be proposed again
    memory TEXT NOT NULL,
    family TEXT NOT NULL,                -- of such memories, see ansa.library.memories.proposals
    digest BLOB NOT NULL,
    PRIMARY KEY (memory, digest)
);
CREATE TABLE told_settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE told_state (                -- one row: which state of what was told this is
    line TEXT NOT NULL,                  -- random, the same in both files
    revision INTEGER NOT NULL            -- grows with every change
);
INSERT OR IGNORE INTO told_marks SELECT digest, mark FROM marks JOIN photos ON id = photo;
INSERT OR IGNORE INTO told_tags SELECT name, digest, shown FROM taught JOIN photos ON id = photo;
INSERT OR IGNORE INTO told_memories
    SELECT memory, family, digest FROM dismissed JOIN photos ON id = photo;
INSERT OR IGNORE INTO told_settings SELECT name, value FROM settings;
INSERT INTO told_state
    SELECT lower(hex(randomblob(8))), 1 WHERE EXISTS (
        SELECT 1 FROM told_marks UNION ALL SELECT 1 FROM told_tags
        UNION ALL SELECT 1 FROM told_memories UNION ALL SELECT 1 FROM told_settings
    );
CREATE TABLE cache (                     -- what can be computed again, see cache.py
    id INTEGER PRIMARY KEY,              -- grows, so that the oldest goes first
    subject TEXT NOT NULL,
    key TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (subject, key)
);
INSERT OR IGNORE INTO cache (subject, key, data)
    SELECT subject, lower(hex(examples)), CAST(data AS BLOB) FROM learned;
DROP TABLE marks;
DROP TABLE taught;
DROP TABLE dismissed;
DROP TABLE settings;
DROP TABLE learned;
DROP TABLE located;
DROP TABLE names;
DROP TABLE everyday;
"""
# The mount points, which distinguish a disconnected drive from deleted photos.
_MOUNTS = """
CREATE TABLE mounts (                    -- folders that were on a device of their own
    root INTEGER NOT NULL REFERENCES roots,
    path BLOB NOT NULL,                  -- relative to the root; itself is empty
    device TEXT NOT NULL,                -- as the system numbers them; may change
    PRIMARY KEY (root, path)
);
"""
# What people corrected or said of memories, by content like all of the user's data.
_CORRECTIONS = """
CREATE TABLE told_kinds (                -- the kind of picture that a person says it is
    digest BLOB PRIMARY KEY,
    kind TEXT NOT NULL
);
CREATE TABLE told_corrections (          -- whether a photo shows what a tag says
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    here INTEGER NOT NULL CHECK (here IN (0, 1)),
    PRIMARY KEY (name, digest)
);
CREATE TABLE told_feedback (             -- memories that people like, and photos left out of one
    memory TEXT NOT NULL,
    said TEXT NOT NULL CHECK (said IN ('favourite', 'without')),
    family TEXT NOT NULL,                -- of such memories, see ansa.library.memories.proposals
    digest BLOB NOT NULL,
    PRIMARY KEY (memory, said, digest)
);
CREATE TABLE changes (                   -- what `ansa undo` takes back; may be lost
    id INTEGER PRIMARY KEY,              -- grows, so that the last one is taken back first
    what TEXT NOT NULL,                  -- in words
    before TEXT NOT NULL                 -- JSON: what was said of each photo before
);
"""
_FILMS = """
CREATE TABLE films (                     -- photos that are films
    photo INTEGER PRIMARY KEY REFERENCES photos,
    seconds REAL NOT NULL                -- the length
);
CREATE TABLE film_moments (              -- their telling frames, see ansa.photo.film
    photo INTEGER NOT NULL REFERENCES photos,
    bundle INTEGER NOT NULL REFERENCES bundles,
    second REAL NOT NULL,                -- from the start of the film
    embedding BLOB NOT NULL,
    tags BLOB NOT NULL,
    PRIMARY KEY (photo, bundle, second)
);
"""
# The words of files' and folders' names, for full-text search; see name_index.py. A row stands for
# the row of `files` with the same number, whose path never changes.
_NAMES = """
CREATE VIRTUAL TABLE name_words USING fts5 (words, prefix = '3');
CREATE TRIGGER name_gone AFTER DELETE ON files
    BEGIN DELETE FROM name_words WHERE rowid = old.id; END;
"""
# The words of the texts in pictures, for full-text search; see text_index.py. A row stands for the
# photo with the same number. The texts themselves are signals, of whatever read them.
_TEXTS = """
CREATE VIRTUAL TABLE text_words USING fts5 (words, prefix = '3');
CREATE INDEX texts ON signals (photo) WHERE head = 'text';
CREATE TRIGGER text_gone AFTER DELETE ON signals WHEN old.head = 'text'
    BEGIN DELETE FROM text_words WHERE rowid = old.photo; END;
"""
STEPS = (
    _FIRST,
    _EXPERIENCES,
    _SOURCES,
    _BY_CONTENT,
    _MOUNTS,
    _CORRECTIONS,
    _FILMS,
    _NAMES,
    _TEXTS,
)
"""The additions of each version of the schema to the one before."""

SCHEMA_VERSION = len(STEPS)

TABLES = frozenset(re.findall(r"^CREATE TABLE (\w+)", "".join(STEPS), re.MULTILINE)) - frozenset(
    re.findall(r"^DROP TABLE (\w+)", "".join(STEPS), re.MULTILINE)
)
"""The tables of a library."""
