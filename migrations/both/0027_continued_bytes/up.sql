-- How much of what was interrupted was asked for again, in bytes: its parts may be many, or nearly all of the file.
ALTER TABLE download_links RENAME COLUMN continuations TO continued_bytes;
