"""Named rules that turn what a reader found into the clean tables and a log of every repair.

A reader (``sources/undl``, ``sources/unvotes``, ``sources/voeten``) returns a
`helpers.tables.RawRecord`: the rows of the file (columns `helpers.tables.RAW_ROWS`) and its roll
calls (columns `helpers.tables.RAW_ROLL_CALLS`), with values as they are written, apart from dates,
which it parses since their form belongs to the file. Everything that is judged (who the member is,
what a session or symbol means, membership, duplicates, totals, dates that hold only to the month in
sessions 1 to 57 of unvotes and Voeten) is judged here, once for all sources, by `clean`.
"""
